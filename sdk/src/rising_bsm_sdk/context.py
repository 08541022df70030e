"""`ctx`: everything a plugin can reach, and the only way to reach it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .entities import Appointments, Customers, Requests
from .errors import host_error
from .events import Events
from .license import License
from .network import Http
from .people import Notifications, Users
from .problems import Problems
from .settings import Settings
from .world import Random, Time

HostCall = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class PluginInfo:
    """Who this plugin is on this instance."""

    id: str
    version: str


class Storage:
    """Key-value storage of this plugin alone; keys are texts, values are JSON."""

    def __init__(self, call: HostCall) -> None:
        self._call = call

    def get(self, key: str, default: Any = None) -> Any:
        """The value at `key`, or `default`."""
        found = self._call("storage.get", {"key": key})
        return found["value"] if found["found"] else default

    def set(self, key: str, value: Any) -> None:
        """Store a JSON value at `key`."""
        self._call("storage.set", {"key": key, "value": value})

    def compare_and_set(self, key: str, expected: Any, value: Any, *, absent: bool = False) -> bool:
        """Store `value` if `expected` is at `key`, or nothing is and `absent`, in one step; true if it was so."""
        arguments = {"key": key, "expected": expected, "value": value, "absent": absent}
        done: bool = self._call("storage.compare_and_set", arguments)
        return done

    def delete(self, key: str) -> bool:
        """Remove `key`; true if it was there."""
        removed: bool = self._call("storage.delete", {"key": key})
        return removed

    def list(self, prefix: str = "", *, limit: int = 200) -> dict[str, Any]:
        """The keys that start with `prefix` and their values, in key order, at most `limit`."""
        items: dict[str, Any] = self._call("storage.list", {"prefix": prefix, "limit": limit})
        return items

    def count(self, prefix: str = "") -> int:
        """How many keys start with `prefix`."""
        number: int = self._call("storage.count", {"prefix": prefix})
        return number

    def increment(self, key: str, by: int = 1) -> int:
        """Add to the whole number at `key` (0 if there is none) in one step; returns the sum."""
        number: int = self._call("storage.increment", {"key": key, "by": by})
        return number


class Log:
    """The plugin's log, shown to the administrator."""

    def __init__(self, call: HostCall) -> None:
        self._call = call

    def info(self, message: str, **details: Any) -> None:
        """Something worth knowing happened."""
        self._write("info", message, details)

    def warning(self, message: str, **details: Any) -> None:
        """Something is not as it should be."""
        self._write("warning", message, details)

    def error(self, message: str, **details: Any) -> None:
        """Something failed."""
        self._write("error", message, details)

    def _write(self, level: str, message: str, details: dict[str, Any]) -> None:
        self._call("log", {"level": level, "message": str(message), "details": details})


class Context:
    """What every handler gets as its first argument."""

    def __init__(self, plugin: PluginInfo, call: HostCall, permissions: Collection[str] = ()) -> None:
        self.plugin = plugin
        self._call = call
        self._permissions = permissions

    def may(self, permission: str) -> bool:
        """Whether this call is permitted it: the plugin was granted it, and the user it acts for may do it."""
        return permission in self._permissions

    def batch(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        """What the host answers to several functions, each with its arguments, in one crossing; at most 50.

        In the place of what was refused is the `HostError`; the others are done all the same.
        """
        asked = [{"name": name, "arguments": arguments} for name, arguments in calls]
        answers = self._call("batch", {"calls": asked})
        return [host_error(answer["error"]) if "error" in answer else answer["ok"] for answer in answers]

    # Made when first asked for: a handler uses one or two of them, and every call pays for what is made.

    @cached_property
    def customers(self) -> Customers:
        """The customers."""
        return Customers(self._call)

    @cached_property
    def appointments(self) -> Appointments:
        """The appointments."""
        return Appointments(self._call)

    @cached_property
    def requests(self) -> Requests:
        """The service requests."""
        return Requests(self._call)

    @cached_property
    def storage(self) -> Storage:
        """What this plugin keeps."""
        return Storage(self._call)

    @cached_property
    def events(self) -> Events:
        """What this plugin tells others."""
        return Events(self._call)

    @cached_property
    def notifications(self) -> Notifications:
        """Telling people."""
        return Notifications(self._call)

    @cached_property
    def users(self) -> Users:
        """The people who work here."""
        return Users(self._call)

    @cached_property
    def settings(self) -> Settings:
        """What the administrator has set."""
        return Settings(self._call)

    @cached_property
    def license(self) -> License:
        """What was bought."""
        return License(self._call)

    @cached_property
    def problems(self) -> Problems:
        """What the administrator should look after."""
        return Problems(self._call)

    @cached_property
    def http(self) -> Http:
        """The network."""
        return Http(self._call)

    @cached_property
    def time(self) -> Time:
        """The host's clock."""
        return Time(self._call)

    @cached_property
    def random(self) -> Random:
        """The host's chance."""
        return Random(self._call)

    @cached_property
    def log(self) -> Log:
        """What the administrator reads."""
        return Log(self._call)
