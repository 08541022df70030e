"""The manifest: what a plugin is, what it asks for and what it answers to."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from rising_bsm.bundle import canonical, fields, moments, offer
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.frames import Frame, Frames
from rising_bsm.bundle.layout import MANIFEST
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.network import Network, NetworkRequest
from rising_bsm.bundle.problems import problems
from rising_bsm.bundle.settings import SettingField, Settings

ANSWERS_STRANGERS = "routes.public"
"""The permission that makes the public routes of a plugin public."""

# fmt: off
HookName = Literal[
    "customers.create", "customers.update", "customers.delete",
    "appointments.create", "appointments.update", "appointments.delete",
    "requests.create", "requests.update", "requests.delete",
]
MountName = Literal[
    "dashboard.widget", "customer.detail", "appointment.detail", "request.detail",
    "customers.actions", "appointments.actions", "requests.actions", "page", "settings",
]
LifecycleName = Literal[
    "on_install", "on_activate", "on_settings_changed", "on_permissions_changed",
    "on_license_verified", "on_update", "on_deactivate", "on_uninstall",
]
# fmt: on


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class PermissionRequest(_Part):
    """A permission that the plugin asks for, with the reason that the administrator reads."""

    code: fields.PermissionCode
    reason: fields.Sentence


class Resources(_Part):
    """What an instance of the plugin needs; memory in MiB."""

    resident: bool = Field(default=False, description="Whether instances are reused from call to call.")
    memory_mib: int = Field(default=128, ge=16, le=512)


class RouteExport(_Part):
    """A route below /api/ext/{publisher.name}; `permission` is what its caller must have, if it is not `public`."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: fields.RoutePath
    handler: fields.Identifier
    permission: fields.PermissionCode | None = None
    public: bool = Field(default=False, description="Whether it answers people who are not signed in.")

    @model_validator(mode="after")
    def _strangers_have_no_permission(self) -> Self:
        if self.public and self.permission is not None:
            raise ValueError("must be public or need a permission, not both: strangers have none")
        return self


class HookExport(_Part):
    """A handler that runs before a business operation."""

    hook: HookName
    handler: fields.Identifier
    order: int = Field(default=100, ge=0, le=1000, description="Lower ones run first; then the plugin's name decides.")


class EventExport(_Part):
    """A handler that is told of an event, after it was done; an event of a plugin is `publisher.name:topic`."""

    event: moments.EventName
    handler: fields.Identifier


class ScheduleExport(_Part):
    """A handler that runs by the clock of `time_zone`, at most once a minute."""

    cron: moments.Cron
    time_zone: moments.TimeZone
    handler: fields.Identifier


class ComponentExport(_Part):
    """What people are shown at `mount`; `permission` is what they must have."""

    mount: MountName
    title: fields.Line
    handler: fields.Identifier
    permission: fields.PermissionCode | None = None
    order: int = Field(default=100, ge=0, le=1000, description="Lower ones come first; then the plugin's name decides.")
    icon: fields.Slug | None = None


class ActionExport(_Part):
    """What buttons and forms of components may call."""

    handler: fields.Identifier


def _no_route_twice(routes: tuple[RouteExport, ...]) -> tuple[RouteExport, ...]:
    _once(f"{route.method} {re.sub(r'{[^}]*}', '{}', route.path)}" for route in routes)
    return routes


def _no_permission_twice(permissions: tuple[PermissionRequest, ...]) -> tuple[PermissionRequest, ...]:
    _once(permission.code for permission in permissions)
    return permissions


def _no_hook_twice(hooks: tuple[HookExport, ...]) -> tuple[HookExport, ...]:
    _once(f"{hook.hook} {hook.handler}" for hook in hooks)
    return hooks


def _no_event_twice(events: tuple[EventExport, ...]) -> tuple[EventExport, ...]:
    _once(f"{event.event} {event.handler}" for event in events)
    return events


def _no_schedule_twice(schedules: tuple[ScheduleExport, ...]) -> tuple[ScheduleExport, ...]:
    _once(schedule.handler for schedule in schedules)
    return schedules


def _no_component_twice(components: tuple[ComponentExport, ...]) -> tuple[ComponentExport, ...]:
    _once(component.handler for component in components)
    return components


def _no_action_twice(actions: tuple[ActionExport, ...]) -> tuple[ActionExport, ...]:
    _once(action.handler for action in actions)
    return actions


def _no_name_twice(names: tuple[str, ...]) -> tuple[str, ...]:
    _once(names)
    return names


def _once(keys: Iterable[str]) -> None:
    if twice := [key for key, count in Counter(keys).items() if count > 1]:
        raise ValueError(f"must name each once, not {', '.join(twice)} twice")


def _not_a_bool(value: Any) -> Any:
    if value is True:  # which Python takes for 1
        raise ValueError("must be 1")
    return value


Permissions = Annotated[tuple[PermissionRequest, ...], Field(max_length=100), AfterValidator(_no_permission_twice)]
Routes = Annotated[tuple[RouteExport, ...], Field(max_length=500), AfterValidator(_no_route_twice)]
Hooks = Annotated[tuple[HookExport, ...], Field(max_length=100), AfterValidator(_no_hook_twice)]
Events = Annotated[tuple[EventExport, ...], Field(max_length=100), AfterValidator(_no_event_twice)]
Schedules = Annotated[tuple[ScheduleExport, ...], Field(max_length=50), AfterValidator(_no_schedule_twice)]
Components = Annotated[tuple[ComponentExport, ...], Field(max_length=50), AfterValidator(_no_component_twice)]
Actions = Annotated[tuple[ActionExport, ...], Field(max_length=200), AfterValidator(_no_action_twice)]
Lifecycle = Annotated[tuple[LifecycleName, ...], Field(max_length=10), AfterValidator(_no_name_twice)]


Dependencies = Annotated[
    dict[fields.PluginId, fields.VersionRange],
    Field(max_length=20, description="The plugins that must be active, each with the versions that will do."),
]
Conflicts = Annotated[
    tuple[fields.PluginId, ...],
    Field(max_length=20, description="The plugins that must not be active."),
    AfterValidator(_no_name_twice),
]


class Exports(_Part):
    """What the plugin answers to, read off its class in the sandbox."""

    routes: Routes = ()
    before: Hooks = ()
    after: Events = ()
    schedules: Schedules = ()
    components: Components = ()
    actions: Actions = ()
    lifecycle: Lifecycle = ()


class Manifest(_Part):
    """Everything an administrator and the host need to know of a plugin before it runs."""

    format: Annotated[Literal[1], BeforeValidator(_not_a_bool)] = 1
    publisher: fields.Slug
    name: fields.Slug
    version: fields.VersionText
    display_name: fields.Line
    description: fields.Sentence
    license: fields.LicenseText
    type: Literal["ui", "api", "automation", "mixed"]
    main: fields.Main
    category: offer.Category = "other"
    tags: offer.Tags = ()
    pricing: offer.Pricing = offer.Pricing()
    homepage: offer.Homepage | None = None
    support: offer.Support | None = None
    permissions: Permissions = ()
    optional_permissions: Permissions = ()
    network: Network = ()
    settings: Settings = ()
    frames: Frames = ()
    host: fields.VersionRange
    dependencies: Dependencies = {}
    conflicts: Conflicts = ()
    resources: Resources = Resources()
    exports: Exports = Exports()

    @model_validator(mode="after")
    def _hooks_are_permitted(self) -> Self:
        """A hook is shown what is about to be written, an event what was: both take the right to read that."""
        asked = {permission.code for permission in self.permissions}
        needed: dict[str, str] = {
            f"{export.hook.partition('.')[0]}.read": export.hook for export in self.exports.before
        }
        told = (export.event for export in self.exports.after)
        needed |= {moments.READ_FOR[event]: event for event in told if event in moments.READ_FOR}
        if missing := [(code, hook) for code, hook in sorted(needed.items()) if code not in asked]:
            code, hook = missing[0]
            raise ValueError(f"must ask for the permission {code}, as its hook {hook} is shown that data")
        return self

    @model_validator(mode="after")
    def _public_routes_are_permitted(self) -> Self:
        asked = {one.code for one in (*self.permissions, *self.optional_permissions)}
        if public := [route for route in self.exports.routes if route.public and ANSWERS_STRANGERS not in asked]:
            route = f"{public[0].method} {public[0].path}"
            raise ValueError(f"must ask for the permission {ANSWERS_STRANGERS}, as its route {route} is public")
        return self

    @model_validator(mode="after")
    def _permissions_are_asked_for_once(self) -> Self:
        asked, optional = ({one.code for one in some} for some in (self.permissions, self.optional_permissions))
        if twice := sorted(asked & optional):
            raise ValueError(f"must ask for {', '.join(twice)} either in permissions or in optional_permissions")
        return self

    @model_validator(mode="after")
    def _relations_are_to_others(self) -> Self:
        others = [*self.dependencies, *self.conflicts]
        if self.id in others:
            raise ValueError(f"must name other plugins in dependencies and conflicts, not {self.id} itself")
        if both := sorted(set(self.dependencies) & set(self.conflicts)):
            raise ValueError(f"must name {', '.join(both)} either in dependencies or in conflicts")
        return self

    @property
    def id(self) -> str:
        """The plugin's name everywhere: `publisher.name`."""
        return f"{self.publisher}.{self.name}"

    def supports(self, host_version: str) -> bool:
        """Whether a host of this version is within the range that the plugin names."""
        return SpecifierSet(self.host).contains(Version(host_version), prereleases=True)

    def with_exports(self, exports: Mapping[str, Any]) -> "Manifest":
        """The manifest with what the running class exports; `BundleError` when these are not valid."""
        return make_manifest(self.model_dump(mode="json") | {"exports": exports})

    def to_bytes(self) -> bytes:
        """The canonical JSON of `manifest.json`."""
        return canonical.encode(self.model_dump(mode="json"))


_PARTS = (
    Manifest,
    PermissionRequest,
    NetworkRequest,
    SettingField,
    Resources,
    offer.Pricing,
    Exports,
    RouteExport,
    HookExport,
    EventExport,
    ScheduleExport,
    ComponentExport,
    ActionExport,
    Frame,
)
KNOWN_KEYS = frozenset(key for part in _PARTS for key in part.model_fields)


def parse_manifest(data: bytes, limits: BundleLimits = DEFAULT_LIMITS) -> Manifest:
    """The manifest that `manifest.json` holds; `BundleError` with every wrong field in `fields`."""
    if len(data) > limits.manifest_bytes:
        raise BundleError(
            f"The manifest is larger than {limits.manifest_bytes:,} bytes.",
            code="bundle.manifest_too_large",
            place=MANIFEST,
        )
    canonical.decode(data, MANIFEST)
    return _validated(data)


def make_manifest(values: Mapping[str, Any]) -> Manifest:
    """The manifest with these JSON values; `BundleError` with every wrong field in `fields`."""
    # TOML has dates and times; as an object such a value is what no field expects.
    try:
        text = json.dumps(values, default=lambda other: {"text": str(other)})
    except RecursionError as error:
        raise BundleError("The manifest is nested too deeply.", code="bundle.manifest", place=MANIFEST) from error
    return _validated(text)


def _validated(text: str | bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        found = problems(error, KNOWN_KEYS)
        listing = "; ".join(f"{path or 'it'} {sentence}" for path, sentence in found.items())
        raise BundleError(
            f"The manifest is not valid: {listing}.",
            code="bundle.manifest",
            place=f"{MANIFEST}: {next(iter(found))}",
            next_step="Correct the fields in the plugin's pyproject.toml or class, and build the bundle again.",
            fields=found,
        ) from error
