"""Where a link of a plugin may lead: parsed, and never matched against the text."""

import re
from dataclasses import dataclass
from typing import Literal

from rising_bsm.bundle.urls import parse_url

HOST_PAGES = frozenset({"", "appointments", "customers", "notifications", "requests"})
"""The pages of the host that a plugin may lead to, by the first part of their path."""

_OWN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_PATH = re.compile(r"(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+|/)(?:\?(?P<query>[A-Za-z0-9._~=&%+:,-]*))?")
_MAIL = re.compile(r"mailto:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.IGNORECASE)
_PHONE = re.compile(r"tel:\+?[0-9-]{3,20}", re.IGNORECASE)
_FRAGMENT = re.compile(r"#[A-Za-z0-9._~-]{0,100}\Z")


@dataclass(frozen=True)
class Target:
    """Where a link leads: to the plugin's `own` page of this name, to a path of the `host`, or `out` to a URL."""

    kind: Literal["own", "host", "out"]
    to: str


def target_of(to: str) -> Target:
    """Where it leads; raises ValueError with what it must be instead."""
    if _OWN.fullmatch(to):
        return Target("own", to)
    if to.startswith("/"):
        return Target("host", _of_host(to))
    if _MAIL.fullmatch(to) or _PHONE.fullmatch(to):
        return Target("out", to)
    fragment = _FRAGMENT.search(to)
    url = parse_url(to[: fragment.start()] if fragment else to)
    if url.scheme != "https":
        raise ValueError("must begin with https:, mailto: or tel:, or be a page's name or a path of the host")
    return Target("out", url.url + (fragment[0] if fragment else ""))


def _of_host(to: str) -> str:
    parts = _PATH.fullmatch(to)
    if parts is None or parts["path"].split("/")[1] not in HOST_PAGES:
        pages = ", ".join(f"/{page}" for page in sorted(HOST_PAGES))
        raise ValueError(f"must be a plain path below one of {pages}, to lead to a page of the host")
    return to
