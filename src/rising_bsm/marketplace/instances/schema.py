"""What an instance may say, inside what it has signed."""

import re
from ipaddress import ip_address
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field

from rising_bsm.accounts.validation import ONE_LINE, Input
from rising_bsm.bundle.fields import PluginId, VersionText

LARGEST_COUNT = 2**53 - 1


class Asked(Input):
    """Fields of an instance's request; those of newer instances, unknown here, are left unread."""

    model_config = ConfigDict(strict=True, extra="ignore")
    refusal: ClassVar[str] = "instance.invalid"


_FOR_TRYING = re.compile(r"(?:.+\.)?(?:localhost|test)\.?")


def is_for_trying(url: str) -> bool:
    """Whether an address is one that nobody works at: this machine, or a name below `.test` or `.localhost`."""
    try:
        host = urlsplit(url).hostname or ""
        return bool(_FOR_TRYING.fullmatch(host)) or _is_loopback(host)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    known = parts.scheme in ("http", "https") and parts.netloc
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if known else ""


Url = Annotated[str, Field(max_length=300), ONE_LINE, AfterValidator(_without_password)]
"""Where an instance says it is reached; whoever signs in by such an address is not part of it."""

Nonce = Annotated[str, Field(pattern="^[0-9A-Za-z_-]{16,64}$")]


class ReportedPlugin(Asked):
    """A plugin that is installed there; `calls` and `crashes` are those of the last day."""

    id: PluginId
    version: Annotated[VersionText, Field(max_length=60)]
    state: Annotated[str, Field(pattern="^[a-z_]{1,20}$")] = "active"
    calls: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] = 0
    crashes: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] = 0
