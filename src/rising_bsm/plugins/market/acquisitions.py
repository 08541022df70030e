"""What is being acquired from the marketplace: begun, followed, gone on with after an interruption, or undone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import structlog
from pydantic import Field, StrictStr, model_validator

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.fields import PluginId, VersionText
from rising_bsm.db import uuid7
from rising_bsm.errors import Conflict, Error, Failed
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.installing import AlreadyInstalled
from rising_bsm.plugins.licences.errors import NotHeld
from rising_bsm.plugins.market.acquiring import Acquiring, Places
from rising_bsm.plugins.market.choosing import choose
from rising_bsm.plugins.market.following import Followed
from rising_bsm.plugins.market.journal import LostHold
from rising_bsm.plugins.market.steps import Step, StepTaken
from rising_bsm.plugins.market.tables import Acquisition, Progress
from rising_bsm.plugins.market.transport import MarketRefused
from rising_bsm.plugins.market.trust import forget_unused
from rising_bsm.plugins.queries import InstalledPlugins
from rising_bsm.runtime.settings import Cipher

ATTEMPTS = 3
_RENEWAL_SECONDS = 5.0
_log = structlog.get_logger("rising_bsm.market")


class Interrupted(Conflict):
    """The program was ended again and again while it installed this."""

    code = "market.interrupted"


class InstallDraft(Input):
    """What is to be installed; `grant` are optional permissions, a plugin that is paid for needs a key or a trial."""

    refusal: ClassVar[str] = "market.invalid_install"

    plugin: PluginId
    version: VersionText | None = None
    channel: Literal["stable", "beta"] = "stable"
    license_key: Annotated[StrictStr | None, Field(max_length=100, repr=False)] = None
    trial: bool = False
    grant: Annotated[tuple[StrictStr, ...], Field(max_length=100)] = ()
    with_dependencies: bool = False

    @model_validator(mode="after")
    def _key_or_trial(self) -> "InstallDraft":
        if self.license_key and self.trial:
            raise ValueError("This must have either license_key or trial.")
        return self


class Acquisitions:
    """The acquisitions of one process; `watchers` are told of each step that it has taken.

    `actor_of` gives somebody as they are now, and raises for who must not do anything any more; `cipher` seals licence
    keys. Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(self, places: Places, cipher: Cipher, actor_of: Callable[[UUID], Awaitable[Actor]]) -> None:
        self.watchers: list[StepTaken] = []
        self._at = places
        self._cipher = cipher
        self._actor_of = actor_of
        self._followed = Followed(places.journal)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def install(self, actor: Actor, data: object) -> Acquisition:
        """Begins to install a plugin from the marketplace. Raises InvalidInput, AlreadyInstalled, AlreadyAcquiring."""
        actor.require("plugins.manage")
        draft = InstallDraft.of(data)
        if await self._is_installed(draft.plugin):
            raise AlreadyInstalled(
                f"{draft.plugin} is installed already.",
                place=draft.plugin,
                next_step="To replace it by a newer version, use `rising-bsm update`; what it stored stays.",
            )
        licence = "key" if draft.license_key else "trial" if draft.trial else "held"
        row = self._row(actor, draft.plugin, "install", draft.version, draft.channel, draft.grant, licence)
        row.with_dependencies = draft.with_dependencies
        if draft.license_key:
            row.sealed_key = self._cipher.seal(draft.plugin, _about(row), draft.license_key)
        await self._begin(actor, row, draft.license_key)
        return row

    async def update(
        self, actor: Actor, plugin_id: str, version: str, channel: str, accepted: Collection[str]
    ) -> Acquisition:
        """Begins to update a plugin from the marketplace. Raises NotFound, AlreadyAcquiring."""
        await self._at.plugins.get(actor, plugin_id)
        row = self._row(actor, plugin_id, "update", version, channel, accepted, "held")
        await self._begin(actor, row, None)
        return row

    async def get(self, actor: Actor, row_id: UUID) -> Acquisition:
        """One of them, by its id. Raises NotFound."""
        actor.require("plugins.manage")
        return await self._at.journal.get(row_id)

    async def newest(self, actor: Actor) -> list[Acquisition]:
        """The newest 50."""
        actor.require("plugins.manage")
        return list(await self._at.journal.newest())

    async def watch(self, actor: Actor, row_id: UUID, after: int = 0) -> AsyncIterator[Step]:
        """Its steps after the first so many, as they are taken, to the last one; and how much was downloaded."""
        await self.get(actor, row_id)
        async for step in self._followed.follow(row_id, after):
            yield step

    async def ended(self, row_id: UUID) -> Acquisition:
        """The acquisition when nothing is done about it any more, in this process."""
        if task := self._tasks.get(row_id):
            await asyncio.wait([task])
        return await self._at.journal.get(row_id)

    async def resume(self) -> None:
        """Goes on with what other processes, that are no more, have left, or undoes it; and gives back what must be."""
        for row in await self._at.journal.in_state(Progress.RUNNING):
            if row.id not in self._tasks and await self._at.journal.take(row, whoever_has_it=self._alone()):
                await self._resume(row)
        for row in await self._at.journal.in_state(Progress.UNDOING):
            if await self._at.journal.take(row, whoever_has_it=self._alone()):
                await self._undo(row, None)
        await self.release_unused()
        await asyncio.to_thread(self._at.downloads.sweep)

    async def release_unused(self) -> None:
        """Gives back the seats of plugins that were uninstalled."""
        for row in await self._at.journal.in_state(Progress.DONE):
            if row.reserved and not await self._is_needed(row.plugin_id):
                with suppress(Error):  # the next time may go better
                    await self._release(row.plugin_id)
                    await self._at.journal.released(row)

    async def removed(self, plugin_id: str) -> None:
        """The plugin was uninstalled, so that its seat is free; what fails is tried again later."""
        try:
            await self._release(plugin_id)
        except Error as error:
            _log.warning("seat not given back; tried again", plugin=plugin_id, error=error.as_dict())
        await self.release_unused()
        await forget_unused(self._at.database)

    async def close(self) -> None:
        """Stops; the next process goes on."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _row(
        self,
        actor: Actor,
        plugin_id: str,
        kind: str,
        version: str | None,
        channel: str,
        chosen: Collection[str],
        licence: str,
    ) -> Acquisition:
        return Acquisition(
            id=uuid7(),
            plugin_id=plugin_id,
            kind=kind,
            state=Progress.RUNNING,
            running_for=plugin_id,
            version=version,
            channel=channel,
            steps=[],
            chosen=sorted(set(chosen)),
            with_dependencies=False,
            licence=licence,
            reserved=False,
            attempts=1,
            user_id=actor.user_id,
            user_name=actor.name,
            permissions=sorted(actor.permissions),
        )

    async def _begin(self, actor: Actor, row: Acquisition, key: str | None) -> None:
        await self._at.journal.begin(row)
        self._start(row, self._run(actor, row, key))

    def _start(self, row: Acquisition, work: Any) -> None:
        task = self._tasks[row.id] = asyncio.create_task(work)
        task.add_done_callback(lambda _ended: self._tasks.pop(row.id, None))

    async def _resume(self, row: Acquisition) -> None:
        try:
            if row.attempts >= ATTEMPTS:
                raise Interrupted(
                    f"Installing {row.plugin_id} was interrupted {ATTEMPTS} times, and is given up.",
                    place=row.plugin_id,
                    next_step="See the log for what ended the program, then try again.",
                )
            await self._at.journal.note(row, attempts=row.attempts + 1)
            actor = await self._actor(row)
            key = self._cipher.open(row.plugin_id, _about(row), row.sealed_key) if row.sealed_key else None
        except Error as error:
            await self._undo(row, error)
        else:
            self._start(row, self._run(actor, row, key))

    async def _actor(self, row: Acquisition) -> Actor:
        """Whoever asked for it, allowed what they were then and still are."""
        if row.user_id is None:
            return SYSTEM
        actor = await self._actor_of(row.user_id)
        actor.require("plugins.manage")
        return Actor(actor.user_id, actor.name, actor.permissions & frozenset(row.permissions))

    async def _run(self, actor: Actor, row: Acquisition, key: str | None) -> None:
        renewing = asyncio.create_task(self._renew(row))
        told, arrived = self._told(row), self._followed.bytes_of(row.id)
        acquiring = Acquiring(self._at, actor, row, told=told, arrived=arrived, depend=self._depend)
        try:
            await acquiring.run(key)
        except asyncio.CancelledError:
            await finish(self._at.journal.let_go(row))
            raise
        except LostHold as error:
            _log.warning("another process goes on", plugin=row.plugin_id, error=error.as_dict())
        except Error as error:
            await self._undo(row, error)
        except Exception as error:
            _log.exception("acquisition broke", plugin=row.plugin_id, error=str(error))
            await self._undo(row, Failed("Something broke on our side; the log says what.", place=row.plugin_id))
        finally:
            renewing.cancel()
            self._followed.ended(row.id)

    async def _renew(self, row: Acquisition) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            with suppress(Error):  # the next time may go better, and the lease lasts for several
                await self._at.journal.renew(row)

    def _told(self, row: Acquisition) -> Callable[[Step], None]:
        def tell(step: Step) -> None:
            self._followed.news(row.id)
            for watcher in self.watchers:
                watcher(row.plugin_id, step)

        return tell

    async def _depend(self, actor: Actor, plugin_id: str, within: str, channel: str) -> None:
        """Another plugin is installed first. Raises what kept it from that."""
        listed = await choose(self._at.index, plugin_id, channel, version=None, within=within)
        row = self._row(actor, plugin_id, "install", listed.version, channel, (), "held")
        row.with_dependencies = True
        await self._begin(actor, row, None)
        ended = await self.ended(row.id)
        if ended.state != Progress.DONE:
            problem = ended.problem or {}
            raise Conflict(
                f"{plugin_id}, which it needs, could not be installed: {problem.get('message', 'it was interrupted')}",
                code="market.dependency_failed",
                place=plugin_id,
                next_step=problem.get("next_step"),
            )

    async def _undo(self, row: Acquisition, error: Error | None) -> None:
        """Gives back what it has reserved; if that cannot be done now, it is noted that it must be."""
        try:
            await self._give_back(row)
        except Error as trouble:
            _log.warning("not undone; tried again", plugin=row.plugin_id, error=trouble.as_dict())
            if error is not None:
                self._told(row)(await self._at.journal.end(row, Progress.UNDOING, error))
            return
        await forget_unused(self._at.database, but=row.id)
        if error is not None:
            self._told(row)(await self._at.journal.end(row, Progress.FAILED, error))
        else:
            await self._at.journal.note(row, state=Progress.FAILED, sealed_key=None, reserved=False)

    async def _give_back(self, row: Acquisition) -> None:
        if not row.reserved or await self._is_needed(row.plugin_id, but=row.id):
            return
        with suppress(MarketRefused):
            if await self._at.held.find(row.plugin_id) is None and row.sealed_key:
                # It may have been granted, and the answer lost: asked again, it says which seat that is.
                await self._at.held.activate(
                    row.plugin_id, self._cipher.open(row.plugin_id, _about(row), row.sealed_key)
                )
            await self._release(row.plugin_id)

    async def _release(self, plugin_id: str) -> None:
        with suppress(NotHeld):
            await self._at.held.release(plugin_id)

    async def _is_needed(self, plugin_id: str, but: UUID | None = None) -> bool:
        """Whether the plugin is here, or on its way by another acquisition."""
        others = await self._at.journal.in_state(Progress.RUNNING, plugin_id)
        return any(one.id != but for one in others) or await self._is_installed(plugin_id)

    async def _is_installed(self, plugin_id: str) -> bool:
        async with self._at.database.reading() as session:
            return await InstalledPlugins(session).by_plugin_id(plugin_id) is not None

    def _alone(self) -> bool:
        return self._at.database.url.get_backend_name() == "sqlite"


def _about(row: Acquisition) -> str:
    return f"license key of {row.id}"
