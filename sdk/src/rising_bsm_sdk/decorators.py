"""Decorators that say what a method answers to. They only attach a mark; the host reads the marks off the class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
# fmt: off
Mount = Literal[
    "dashboard.widget", "customer.detail", "appointment.detail", "request.detail",
    "customers.actions", "appointments.actions", "requests.actions", "page", "settings",
]
# fmt: on

MARKS = "__rising_bsm__"
_VARARGS = 0x04


@dataclass(frozen=True)
class Route:
    """An HTTP route below `/api/ext/{publisher.name}`."""

    method: str
    path: str
    permission: str | None
    public: bool = False


@dataclass(frozen=True)
class Before:
    """A hook that runs before something is written; `with_current` if the handler takes what is stored, too."""

    hook: str
    order: int = 100
    with_current: bool = False


@dataclass(frozen=True)
class After:
    """A handler of an event."""

    event: str


@dataclass(frozen=True)
class Schedule:
    """A handler that runs when it is time."""

    cron: str
    time_zone: str


@dataclass(frozen=True)
class Component:
    """Something that people are shown at `mount`."""

    mount: str
    title: str
    permission: str | None = None
    order: int = 100
    icon: str | None = None


@dataclass(frozen=True)
class Action:
    """What buttons and forms of components may call."""


Mark = Route | Before | After | Schedule | Component | Action


def route(
    method: Method, path: str, *, permission: str | None = None, public: bool = False
) -> Callable[[Handler], Handler]:
    """Answer `method path`; the handler gets `(ctx, request)` and returns JSON or a `Response`.

    `path` starts with "/" and may hold parameters (`/customers/{id}`). `permission` is what the calling user must hold.
    A `public` route answers people who are not signed in as well, if the plugin was granted `routes.public`; for them
    `ctx` may do nothing that takes a permission.
    """
    return _mark(Route(method, path, permission, public))


def before(hook: str, *, order: int = 100) -> Callable[[Handler], Handler]:
    """Run before `hook` (such as `customers.create`); the handler gets `(ctx, draft)` or `(ctx, draft, current)`.

    `current` is the entity as it is stored, with its id, and None where there is none yet. Return the draft to write,
    or None to leave it as it is, or raise `Refuse`. A lower `order` (0 to 1,000) runs first; then the plugin's name
    decides.
    """

    def attach(function: Handler) -> Handler:
        return _mark(Before(hook, order, _takes_current(function)))(function)

    return attach


def after(event: str) -> Callable[[Handler], Handler]:
    """Run after `event` was done and stored; the handler gets `(ctx, event)`, an `Event`.

    The event is one of the host (`customers.create`), or what a plugin emits (`acme.loyalty:level_reached`). It is
    delivered at least once: `event.id` is the same whenever it comes again, which it does until the handler returns.
    """
    return _mark(After(event))


def schedule(cron: str, *, time_zone: str = "UTC") -> Callable[[Handler], Handler]:
    """Run when it is time; the handler gets `(ctx)`.

    `cron` has five fields (`0 7 * * *`: every day at seven), which are read in `time_zone` (`Europe/Berlin`).
    """
    return _mark(Schedule(cron, time_zone))


def component(
    mount: Mount, *, title: str, permission: str | None = None, order: int = 100, icon: str | None = None
) -> Callable[[Handler], Handler]:
    """Show people something at `mount`; the handler gets `(ctx, props)` and returns a node of `ui`, or several.

    Mounts are `dashboard.widget`, beside one entity (`customer.detail`, `appointment.detail`, `request.detail`),
    above a list (`customers.actions`, `appointments.actions`, `requests.actions`), a `page` with an entry in the menu,
    whose address ends with the method's name, and `settings`, below the plugin's settings.

    `props` has `mount`, `entity_id` (or None), `locale`, `time_zone`, `query` (texts by name, which anybody can write
    into the address) and `state` (see `ui.Done`). `permission` is what the person must hold to be shown it. A lower
    `order` (0 to 1,000) comes first. `icon` is the name of one of the host's icons, for the menu. There are 2 s.
    """
    return _mark(Component(mount, title, permission, order, icon))


def action(function: Handler) -> Handler:
    """Let buttons and forms of components call this method; it gets `(ctx, values)`.

    `values` are those of the button or form, and what was entered by the names of the fields. Return a tree to show it
    in the component's place, `ui.Done("Saved")` or None to have the component shown again, or `ui.Redirect`. Raise
    `Refuse` to say why not, next to a field if it is named. It is called for people who may see the component.
    """
    return _mark(Action())(function)


def marks_of(function: object) -> tuple[Mark, ...]:
    """The marks that decorators left on a function, outermost last."""
    marks: tuple[Mark, ...] = getattr(function, MARKS, ())
    return marks


def _takes_current(function: Callable[..., Any]) -> bool:
    # Read off the code, as `inspect.signature` takes longer than a short handler; self, ctx and draft come first.
    code = getattr(function, "__code__", None)
    return code is not None and (code.co_argcount > 3 or bool(code.co_flags & _VARARGS))


def _mark(mark: Mark) -> Callable[[Handler], Handler]:
    def attach(function: Handler) -> Handler:
        setattr(function, MARKS, (*marks_of(function), mark))
        return function

    return attach
