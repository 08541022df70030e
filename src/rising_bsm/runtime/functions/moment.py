"""The time."""

from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.db import iso, now
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.services import HostServices


class Nothing(Arguments):
    """It takes no arguments."""


async def current(_host: HostServices, _actor: Actor, _nothing: Nothing) -> Any:
    """The time by the host's clock, in UTC; the clock inside a call stands nearly still."""
    return iso(now())
