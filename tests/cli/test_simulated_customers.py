"""The customers in memory answer as those in a database do."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.business.customers import Customer, CustomerQuery, Customers
from rising_bsm.business.demo import load_demo
from rising_bsm.cli.simulated_customers import SimulatedCustomers
from rising_bsm.errors import Conflict, Error, InvalidInput, NotFound, PermissionDenied
from rising_bsm.hooks import HookPoints
from support.database import open_database

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOBODY = Actor(user_id=None, name="nobody", permissions=frozenset())
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["", "a", "grün", "GRÜN", "%", "_", "example", "+49", "nothing like it", "berlin"]),
        "status": st.sampled_from(["active", "inactive", "lead"]),
        "type": st.sampled_from(["private", "business"]),
        "city": st.sampled_from(["Berlin", "Zürich", "berlin", ""]),
        "country": st.sampled_from(["DE", "de", "AT", ""]),
        "tag": st.sampled_from(["vip", "VIP", "referral", ""]),
        "newsletter": st.booleans(),
        "sort": st.sampled_from(["name", "-name", "email", "-email", "company", "-company", "city", "-city"]),
        "limit": st.integers(1, 60),
        "offset": st.integers(0, 60),
    },
)


@dataclass(frozen=True)
class Pair:
    """The same customers twice, and the loop that the real ones live in."""

    real: Customers
    simulated: SimulatedCustomers
    runner: asyncio.Runner

    def both(self, verb: str, *arguments: Any) -> tuple[Any, Any]:
        answers = [self.runner.run(getattr(host, verb)(SYSTEM, *arguments)) for host in (self.real, self.simulated)]
        return answers[0], answers[1]


def make_simulated() -> SimulatedCustomers:
    return SimulatedCustomers(lambda: NOW)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with asyncio.Runner() as runner:
        opened = open_database()
        database = runner.run(opened.__aenter__())
        runner.run(load_demo(database, HookPoints()))
        yield Pair(Customers(database, HookPoints()), make_simulated(), runner)
        runner.run(opened.__aexit__(None, None, None))


def emails(customers: list[Customer]) -> list[str]:
    return [customer.email for customer in customers]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=QUERIES)
def test_they_find_the_same(pair: Pair, query: dict[str, Any]) -> None:
    real, simulated = pair.both("list", CustomerQuery.of(query))
    assert emails(simulated.items) == emails(real.items)
    assert (simulated.total, simulated.limit, simulated.offset) == (real.total, real.limit, real.offset)
    count = pair.both("count", CustomerQuery.of(query))
    assert count[0] == count[1]


def refusal(pair: Pair, verb: str, *arguments: Any) -> list[tuple[str, str | None]]:
    refusals = []
    for host in (pair.real, pair.simulated):
        with pytest.raises(Error) as caught:
            pair.runner.run(getattr(host, verb)(SYSTEM, *arguments))
        refusals.append((caught.value.code, caught.value.place))
    return refusals


def test_they_refuse_the_same(pair: Pair) -> None:
    [taken, nobody] = ["ada.abel@amber-gardens.example", UUID(int=7)]
    for verb, *arguments in (
        ("create", {"name": "X", "email": taken}),
        ("create", {"name": "X", "email": "nonsense", "colour": "red"}),
        ("get", nobody),
        ("update", nobody, {"name": "X"}),
        ("delete", nobody),
    ):
        real, simulated = refusal(pair, verb, *arguments)
        assert simulated == real


def test_what_is_written_can_be_read() -> None:
    async def story() -> None:
        customers = make_simulated()
        before = await customers.count(SYSTEM)
        made = await customers.create(SYSTEM, {"name": "X", "email": "x@example.com"})
        changed = await customers.update(SYSTEM, made.id, {"city": "Rom"})
        assert (changed.city, changed.version, changed.name) == ("Rom", 2, "X")
        assert (await customers.list(SYSTEM, CustomerQuery(search="rom", city="Rom"))).total == 1
        with pytest.raises(InvalidInput):
            await customers.update(SYSTEM, made.id, {"city": 3})
        with pytest.raises(Conflict):
            await customers.update(SYSTEM, made.id, {"email": "ada.abel@amber-gardens.example"})
        await customers.delete(SYSTEM, made.id)
        with pytest.raises(NotFound):
            await customers.get(SYSTEM, made.id)
        assert await customers.count(SYSTEM) == before

    asyncio.run(story())


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("list", ()), ("count", ()), ("get", (UUID(int=1),)), ("create", ({},)), ("update", (UUID(int=1), {})),
     ("delete", (UUID(int=1),))],
)  # fmt: skip
def test_each_verb_needs_its_permission(verb: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(PermissionDenied):
        asyncio.run(getattr(make_simulated(), verb)(NOBODY, *arguments))


def test_nothing_in_it_is_chance() -> None:
    async def everything() -> list[dict[str, Any]]:
        customers = make_simulated()
        await customers.create(SYSTEM, {"name": "X", "email": "x@example.com"})
        page = await customers.list(SYSTEM, CustomerQuery(limit=200))
        return [customer.as_dict() for customer in page.items]

    assert asyncio.run(everything()) == asyncio.run(everything())
