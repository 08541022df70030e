"""The plugin's log."""

from typing import Any, Literal

from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.services import HostServices


class Line(Arguments):
    """A line for the plugin's log."""

    level: Literal["info", "warning", "error"]
    message: str
    details: dict[str, Any] = Field(default={})


async def write(host: HostServices, _actor: Actor, line: Line) -> Any:
    """Write a line into the plugin's log."""
    host.log.write(line.level, line.message, line.details)
