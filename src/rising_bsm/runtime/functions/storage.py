"""The plugin's storage."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from rising_bsm.accounts import Actor
from rising_bsm.runtime.functions.arguments import GREATEST, Arguments, Key, Prefix
from rising_bsm.runtime.functions.results import Result
from rising_bsm.runtime.services import HostServices


class Found(Result):
    """An entry's JSON value; null where there is none."""

    model_config = ConfigDict(title="Entry")

    found: bool
    value: Any


class At(Arguments):
    """One entry."""

    key: Key


class Entry(Arguments):
    """An entry and its JSON value."""

    key: Key
    value: Any


class Below(Arguments):
    """The entries whose keys start so; all of them if it is empty."""

    prefix: Prefix = ""


class Page(Below):
    """As Below, the first `limit` of them."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class Step(Arguments):
    """What to add to a whole number."""

    key: Key
    by: Annotated[int, Field(ge=-GREATEST, le=GREATEST)] = 1


class Exchange(Arguments):
    """The value to write, and the one that must be there; with `absent`, there must be none."""

    key: Key
    expected: Any = None
    absent: bool = False
    value: Any


async def get(host: HostServices, _actor: Actor, entry: At) -> Any:
    """The value at a key."""
    return await host.storage.get(entry.key)


async def set(host: HostServices, _actor: Actor, entry: Entry) -> Any:
    """Store a value."""
    await host.storage.set(entry.key, entry.value)


async def compare_and_set(host: HostServices, _actor: Actor, new: Exchange) -> Any:
    """Store a value if what is there is what was expected, in one step; whether it was."""
    return await host.storage.compare_and_set(new.key, new.expected, new.value, absent=new.absent)


async def delete(host: HostServices, _actor: Actor, entry: At) -> Any:
    """Remove a key."""
    return await host.storage.delete(entry.key)


async def list(host: HostServices, _actor: Actor, page: Page) -> Any:
    """Keys and values below a prefix."""
    return await host.storage.list(page.prefix, page.limit)


async def count(host: HostServices, _actor: Actor, which: Below) -> Any:
    """How many keys are below a prefix."""
    return await host.storage.count(which.prefix)


async def increment(host: HostServices, _actor: Actor, step: Step) -> Any:
    """Add to a whole number."""
    return await host.storage.increment(step.key, step.by)
