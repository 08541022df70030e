"""The active plugins: which request and which hook goes to which of them."""

from collections.abc import Collection

from rising_bsm.accounts import Actor
from rising_bsm.bundle.manifest import ScheduleExport
from rising_bsm.bundle.settings import SettingField
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.hooks import HookPoints
from rising_bsm.runtime.accounting import Accounting
from rising_bsm.runtime.answers import RouteAnswer, route_answer
from rising_bsm.runtime.attached import Attached
from rising_bsm.runtime.calls import Call, Calls
from rising_bsm.runtime.egress import Egress
from rising_bsm.runtime.errors import PluginNotActive
from rising_bsm.runtime.events.chain import at_depth
from rising_bsm.runtime.events.outbox import Outbox
from rising_bsm.runtime.events.tables import SCHEDULE, Delivery
from rising_bsm.runtime.frames import PluginFrames
from rising_bsm.runtime.guards import Guards
from rising_bsm.runtime.licences import Licences, LicenceStopped
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits
from rising_bsm.runtime.log import LogLine
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.problems import Problems
from rising_bsm.runtime.routes import RouteRequest
from rising_bsm.runtime.services import Business
from rising_bsm.runtime.settings import Cipher, PluginSettings
from rising_bsm.runtime.strangers import Strangers
from rising_bsm.runtime.system import SystemPlugins
from rising_bsm.runtime.tracing import Span
from rising_bsm.runtime.ui.dispatch import Components
from rising_bsm.sandbox import Pool


class Runtime:
    """Runs the plugins of one instance: `attach` makes one answer its routes and take part in its hooks.

    In `safe_mode` nothing of them runs, whatever is attached: only what came with the program.
    """

    def __init__(
        self,
        pool: Pool,
        database: Database,
        hooks: HookPoints,
        business: Business,
        limits: RuntimeLimits = DEFAULT_LIMITS,
        egress: Egress | None = None,
        cipher: Cipher | None = None,
        *,
        safe_mode: bool = False,
    ) -> None:
        self._pool = pool
        self._limits = limits
        self.safe_mode = safe_mode
        self.system = SystemPlugins()
        self.outbox = Outbox()
        self.rescheduled: set[str] = set()
        """The plugins that may run by the clock at other times than before."""
        self._calls = Calls(
            pool, database, business, self.outbox, limits, egress or Egress(limits), cipher or Cipher.of_the_moment()
        )
        self._attached: dict[str, Attached] = {}
        self._guards = Guards(hooks, self._calls, limits.before)
        self._strangers = Strangers(self._attached, self._calls, limits)
        self.ui = Components(self._attached, self._calls, limits)
        """What plugins show people."""
        self.frames = PluginFrames(self._attached, self._calls)
        """What plugins draw themselves."""
        hooks.after(self.outbox.note)

    @property
    def accounting(self) -> Accounting:
        """What the plugins' calls took, and what keeps failing."""
        return self._calls.accounting

    @property
    def licences(self) -> Licences:
        """Where the licences of plugins that cost something are looked up."""
        return self._calls.licences

    @property
    def attached(self) -> Collection[str]:
        """The ids of the plugins that answer."""
        return self._attached.keys()

    @property
    def active(self) -> list[ActivePlugin]:
        """The plugins that answer, by id."""
        return [self._attached[plugin_id].plugin for plugin_id in sorted(self._attached)]

    def attach(self, plugin: ActivePlugin) -> None:
        """From now on the plugin answers; one with its id is replaced at once."""
        if self.safe_mode:
            return
        self._drop_code(plugin.id)
        attached = self._attached[plugin.id] = Attached(plugin)
        self._guards.register(plugin.id, attached)
        self.rescheduled.add(plugin.id)
        self.outbox.listen(plugin)

    def detach(self, plugin_id: str) -> None:
        """From now on the plugin answers nothing; calls that are running go on to their end."""
        self._drop_code(plugin_id)
        self._attached.pop(plugin_id, None)
        self._guards.register(plugin_id, None)
        self.rescheduled.add(plugin_id)
        self.outbox.ignore(plugin_id)

    async def forget(self, plugin_id: str) -> None:
        """Detaches the plugin and waits until no call of it runs, so that it writes nothing any more."""
        self.detach(plugin_id)
        await self._calls.ended(plugin_id)
        await self.accounting.forget(plugin_id)
        self._strangers.forget(plugin_id)

    def answers_strangers(self, plugin_id: str, method: str, path: str) -> bool:
        """Whether a request of somebody who is not signed in reaches the plugin."""
        if plugin_id in self.system:
            return self.system.answers_strangers(plugin_id, method, path)
        return self._strangers.public_route(plugin_id, method, path) is not None

    async def run_route(self, plugin_id: str, request: RouteRequest, actor: Actor | None) -> RouteAnswer:
        """What the plugin answers to a request of this actor, or of a stranger.

        Raises NotSignedIn for strangers wherever `answers_strangers` does not hold; NotFound (`plugin.not_active`,
        `plugin.no_such_route`), MethodNotAllowed, PermissionDenied when the actor may not call the route, and what
        `Calls.run` raises, of which strangers are told no more than that.
        """
        if actor is None:
            return await self._strangers.answer(plugin_id, request)
        attached = self._attached.get(plugin_id)
        if attached is None:
            raise PluginNotActive(plugin_id)
        route, params = attached.routes.find(request.method, request.path)
        if route.permission is not None:
            actor.require(route.permission)
        call = attached.on_request(route, request.for_guest(params), actor, self._limits.call)
        return await self._calls.run(call, route_answer)

    async def run_lifecycle(self, plugin: ActivePlugin, name: str, *arguments: str) -> None:
        """Lets a plugin, attached or not, do what it does at this moment of its life (`on_install`), if anything.

        It acts as itself, with exactly its grants. Raises what `Calls.run` raises.
        """
        if name in plugin.exports.lifecycle and not self.safe_mode:
            itself = Actor(user_id=None, name=plugin.id, permissions=plugin.grants)
            asked = {"op": "lifecycle", "handler": name, "arguments": arguments}
            call = Call(plugin, plugin.code, asked, f"in {name}", itself, self._limits.call)
            await self._calls.run(call, lambda _value: None)

    def settings_of(self, plugin_id: str, fields: tuple[SettingField, ...]) -> PluginSettings:
        """The settings of a plugin, attached or not, that has these fields."""
        return self._calls.settings_of(plugin_id, fields)

    def problems_of(self, plugin_id: str) -> Problems:
        """What the plugin, attached or not, has reported."""
        return self._calls.problems_of(plugin_id)

    async def tell(self, plugin_id: str, name: str) -> None:
        """Lets a plugin that is attached do what it does at this moment of its life; as `run_lifecycle`."""
        if attached := self._attached.get(plugin_id):
            await self.run_lifecycle(attached.plugin, name)

    async def log_of(self, plugin_id: str, limit: int = 100, levels: Collection[str] = ()) -> list[LogLine]:
        """The newest lines of the plugin's log, the newest first; at most 1,000 are kept."""
        return await self._calls.logs.newest(plugin_id, limit, levels)

    def schedules_of(self, plugin_id: str) -> Collection[ScheduleExport]:
        """When the plugin runs by the clock; never unless it is attached."""
        attached = self._attached.get(plugin_id)
        return attached.plugin.exports.schedules if attached else ()

    async def run_delivery(self, delivery: Delivery) -> None:
        """Lets a plugin handle an event, or do what it does by the clock. It acts as itself, with exactly its grants.

        Raises PluginNotActive, NoLongerListening, EventsTooDeep when it failed because of that, and what `Calls.run`
        raises.
        """
        attached = self._attached.get(delivery.plugin_id)
        if attached is None:
            raise PluginNotActive(delivery.plugin_id)
        with at_depth(delivery.depth + 1) as chain:
            try:
                with Span("delivery", plugin=delivery.plugin_id, event=delivery.name, event_id=str(delivery.event_id)):
                    await self._calls.run(attached.on_delivery(delivery, self._limits.background), lambda _value: None)
            except LicenceStopped:
                # What runs by the clock runs by the clock again; an event comes but once, and waits.
                if delivery.name != SCHEDULE:
                    raise
            except Error as error:
                raise chain.too_deep or error from None

    def _drop_code(self, plugin_id: str) -> None:
        attached = self._attached.get(plugin_id)
        if attached is not None and attached.loaded is not None:
            self._pool.forget(attached.loaded.digest)
