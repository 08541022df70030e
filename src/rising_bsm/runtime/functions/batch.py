"""Several host calls in one crossing."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error, TooLarge
from rising_bsm.runtime.functions.arguments import Arguments
from rising_bsm.runtime.functions.results import Json, Result
from rising_bsm.runtime.services import HostServices

MOST_CALLS = 50
ANSWERS_CHARACTERS = 1_000_000
"""How long all answers of one batch may be, as JSON."""


def _no_batch(name: str) -> str:
    if name == "batch":
        raise ValueError("A batch cannot hold another.")
    return name


class One(Arguments):
    """A host call."""

    name: Annotated[str, Field(max_length=100), AfterValidator(_no_batch)]
    arguments: dict[str, Any] = Field(default={})


class Calls(Arguments):
    """Host calls, made one after the other."""

    calls: Annotated[list[One], Field(max_length=MOST_CALLS)]


class Answered(Result):
    """What became of one call: either `ok`, its answer, or `error`, why it was refused."""

    model_config = ConfigDict(title="Answer of a batch")

    ok: Any = None
    error: Json | None = None


async def run(host: HostServices, _actor: Actor, batch: Calls) -> Any:
    """Make several host calls in one crossing; each is checked, counted and answered by itself."""
    answers: list[Json] = []
    left = ANSWERS_CHARACTERS
    for one in batch.calls:
        answer = await _answer(host, one) if left > 0 else {"error": _too_large().as_dict()}
        left -= len(json.dumps(answer))
        answers.append(answer if left >= 0 else {"error": _too_large().as_dict()})
    return answers


async def _answer(host: HostServices, one: One) -> Json:
    try:
        return {"ok": await host.ask(one.name, one.arguments)}
    except Error as error:
        return {"error": error.as_dict()}


def _too_large() -> TooLarge:
    return TooLarge(
        f"The answers of a batch may have {ANSWERS_CHARACTERS:,} characters as JSON.",
        code="host.batch_too_large",
        place="calls",
        next_step="Ask for less at once.",
    )
