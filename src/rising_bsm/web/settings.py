"""What an instance is told from outside, read once and handed down.

The only place that knows the `RISING_BSM_*` variables: everything else gets a `Settings`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from platformdirs import user_data_path

from rising_bsm.errors import InvalidInput
from rising_bsm.sandbox.jail import Strength

PREFIX = "RISING_BSM_"


class BadSetting(InvalidInput):
    """A setting has a value that cannot be used; `place` is the variable."""

    code = "settings.invalid"


@dataclass(frozen=True)
class Settings:
    """How one instance runs; hashable, picklable, and without anything that is open.

    `workers` counts sandbox processes, 0 means one per core; with a weaker jail than `jail_minimum` the instance
    refuses to start; `trusted_proxies` are the networks whose `X-Forwarded-*` headers count;
    `egress_allow` those that plugins may be let into although they are not public; in `safe_mode` no plugin runs. A new
    instance trusts the keys in `trust`, publisher and public key, and begins with the bundles in `install`.
    With a `marketplace_url` the marketplace is that of another instance; `marketplace_root` is the SHA-256 of its first
    root of trust, in hex.
    """

    data_dir: Path
    database_url: str = field(default="", repr=False)
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    admin_email: str = ""
    admin_password: str = field(default="", repr=False)
    workers: int = 0
    jail_minimum: Strength = Strength.STRONG
    trusted_proxies: tuple[str, ...] = ()
    egress_allow: tuple[str, ...] = ()
    access_log: bool = False
    safe_mode: bool = False
    marketplace_url: str = ""
    marketplace_root: str = ""
    blobs: str = ""
    update_cooldown_hours: int = 48
    trust: tuple[tuple[str, str], ...] = ()
    install: tuple[Path, ...] = ()

    @property
    def database(self) -> str:
        """The URL of the database: the one that was given, else a SQLite file in `data_dir`."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'rising-bsm.sqlite3'}"

    @property
    def blob_store(self) -> str:
        """Where the marketplace of this instance keeps its bundles: what was said, else a folder in `data_dir`."""
        return self.blobs or str(self.data_dir.absolute() / "marketplace" / "blobs")

    @property
    def url(self) -> str:
        """Where people reach this instance: what was said, else where it listens, as seen from this machine."""
        host = self.local_host
        return self.base_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def local_host(self) -> str:
        """The host at which this machine reaches the instance."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - asked for, not bound

    @property
    def https(self) -> bool:
        """Whether people reach this instance over HTTPS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The host names a request may be addressed to; empty means any."""
        if self.base_url:
            return frozenset({urlsplit(self.base_url).hostname or "", *_LOOPBACK})
        return _LOOPBACK if self.host in _LOOPBACK else frozenset()

    @classmethod
    def from_environment(cls, env: Mapping[str, str], **overrides: Any) -> Self:
        """The settings in `env`; an override that is not None wins over its variable.

        Raises `BadSetting` for the first variable whose value cannot be used.
        """
        found = {name: _read(env, variable, parse) for name, (variable, parse) in _VARIABLES.items()}
        given = [{name: value for name, value in some.items() if value is not None} for some in (found, overrides)]
        return cls(**({"data_dir": user_data_path("rising-bsm", appauthor=False)} | given[0] | given[1]))

    def with_port(self, port: int) -> Self:
        """The same settings on another port."""
        return replace(self, port=port)

    def begun(self) -> Self:
        """The same settings for an instance that is not new any more."""
        return replace(self, trust=(), install=())


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _read(env: Mapping[str, str], variable: str, parse: Any) -> Any:
    text = env.get(PREFIX + variable, "").strip()
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise BadSetting(
            f"{PREFIX}{variable} is {text!r}, and that is {error}",
            place=PREFIX + variable,
            next_step="Correct the variable or remove it, then start again.",
        ) from error


def _switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("neither yes nor no")
    return words[text.lower()]


def _port(text: str) -> int:
    return _whole(text, 0, 65_535)


def _count(text: str) -> int:
    return _whole(text, 0, 256)


def _hours(text: str) -> int:
    return _whole(text, 0, 8_760)


def _whole(text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"not a whole number from {low} to {high}")
    return int(text)


def _strength(text: str) -> Strength:
    if text.lower() not in list(Strength):
        raise ValueError(f"none of {', '.join(Strength)}")
    return Strength(text.lower())


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(name.strip())) for name in text.split(",") if name.strip())
    except ValueError as error:
        raise ValueError("not a list of IP addresses or networks") from error


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError("not an address like https://bsm.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError("not a SHA-256, which has 64 hexadecimal digits")
    return text.lower()


def _blob_store(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if separator and (scheme != "s3" or not rest.strip("/")):
        raise ValueError("neither a folder nor an address like s3://bucket/prefix")
    return text if separator else str(Path(text).absolute())


_VARIABLES: Mapping[str, tuple[str, Any]] = {
    "data_dir": ("DATA", Path),
    "database_url": ("DATABASE_URL", str),
    "base_url": ("BASE_URL", _web_address),
    "host": ("HOST", str),
    "port": ("PORT", _port),
    "demo": ("DEMO", _switch),
    "admin_email": ("ADMIN_EMAIL", str),
    "admin_password": ("ADMIN_PASSWORD", str),
    "workers": ("WORKERS", _count),
    "jail_minimum": ("JAIL_MINIMUM", _strength),
    "trusted_proxies": ("TRUSTED_PROXIES", _networks),
    "egress_allow": ("EGRESS_ALLOW", _networks),
    "access_log": ("ACCESS_LOG", _switch),
    "safe_mode": ("SAFE_MODE", _switch),
    "marketplace_url": ("MARKETPLACE_URL", _web_address),
    "marketplace_root": ("MARKETPLACE_ROOT", _sha256),
    "blobs": ("BLOBS", _blob_store),
    "update_cooldown_hours": ("UPDATE_COOLDOWN_HOURS", _hours),
}
