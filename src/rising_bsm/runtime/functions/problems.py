"""What the administrator should look after."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.arguments import Arguments, Key
from rising_bsm.runtime.services import HostServices


def _visible(key: str) -> str:
    if not key.isprintable():
        raise ValueError("This must be text without invisible characters.")
    return key


class Which(Arguments):
    """One problem."""

    key: Annotated[Key, Field(max_length=100), AfterValidator(_visible)]


class Report(Which):
    """A problem; `message` is for people."""

    message: Annotated[str, Field(min_length=1)]
    level: Literal["info", "warning", "error"] = "warning"
    details: dict[str, Any] = Field(default={})


async def report(host: HostServices, _actor: Actor, problem: Report) -> Any:
    """Show the administrator a problem; equal keys are one problem that is counted."""
    await host.problems.report(problem.key, problem.message, problem.level, problem.details)


async def clear(host: HostServices, _actor: Actor, which: Which) -> Any:
    """A problem is in order again; whether it was one."""
    return await host.problems.clear(which.key)
