"""What plugins need of each other, and cannot be beside."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Conflict, Error
from rising_bsm.plugins.relations import (
    DependenciesUnmet,
    DependencyCycle,
    InConflict,
    Member,
    Needed,
    check_can_be_active,
    check_no_cycle,
    check_not_needed,
)
from rising_bsm.sandbox import Pool
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio


def make_member(
    name: str = "acme.one",
    *,
    version: str = "1.0.0",
    active: bool = True,
    needs: Mapping[str, str] | None = None,
    conflicts: tuple[str, ...] = (),
) -> Member:
    return Member(name, version, active, needs or {}, frozenset(conflicts))


def among(*others: Member) -> dict[str, Member]:
    return {other.id: other for other in others}


def test_everything_that_is_unmet_is_named() -> None:
    needs = {"acme.gone": ">=1", "acme.off": ">=1", "acme.old": ">=2", "acme.there": ">=1,<2"}
    others = among(
        make_member("acme.off", active=False), make_member("acme.old"), make_member("acme.there", version="1.9.0")
    )

    with pytest.raises(DependenciesUnmet) as refusal:
        check_can_be_active(make_member(needs=needs), others)

    assert refusal.value.place == "acme.gone"
    for sentence in (
        "acme.gone >=1 is not installed",
        "acme.off is switched off",
        "acme.old is version 1.0.0, not >=2",
    ):
        assert sentence in refusal.value.message
    assert "acme.there" not in refusal.value.message


def test_a_circle_is_spelled_out() -> None:
    others = among(
        make_member("acme.two", needs={"acme.three": ">=1"}), make_member("acme.three", needs={"acme.one": ">=1"})
    )

    with pytest.raises(DependencyCycle) as refusal:
        check_can_be_active(make_member(needs={"acme.two": ">=1"}), others)

    assert refusal.value.place == "acme.one → acme.two → acme.three → acme.one"


@pytest.mark.parametrize("says", ["the new one", "the old one"])
def test_a_conflict_counts_whoever_says_so_and_only_with_what_is_active(says: str) -> None:
    one = make_member(conflicts=("acme.two",) if says == "the new one" else ())
    two = make_member("acme.two", conflicts=("acme.one",) if says == "the old one" else ())
    off = Member(two.id, two.version, False, two.needs, two.conflicts)

    with pytest.raises(InConflict, match=r"acme\.two"):
        check_can_be_active(one, among(two))
    check_can_be_active(one, among(off))


def test_one_that_is_needed_is_named_with_those_who_need_it() -> None:
    others = among(
        make_member("acme.two", needs={"acme.one": ">=1,<2"}),
        make_member("acme.three", active=False, needs={"acme.one": ">=1"}),
    )

    with pytest.raises(Needed, match=r"acme\.two \(>=1,<2\)\.$"):
        check_not_needed("acme.one", None, others, inactive=False)
    with pytest.raises(Needed, match=r"acme\.three"):
        check_not_needed("acme.one", None, others, inactive=True)
    with pytest.raises(Needed, match=r"2\.0\.0"):
        check_not_needed("acme.one", "2.0.0", others, inactive=False)
    check_not_needed("acme.one", "1.5.0", others, inactive=True)


NAMES = [f"acme.p{number}" for number in range(6)]
graphs = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=4), max_size=6)


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    for _ in NAMES:
        seen |= graph.get(start, set())
        for name in list(seen):
            seen |= graph.get(name, set())
    return seen


@given(graph=graphs)
def test_a_circle_is_found_exactly_when_there_is_one(graph: dict[str, set[str]]) -> None:
    members = {name: make_member(name, needs=dict.fromkeys(needs, ">=1")) for name, needs in graph.items()}
    for name, member in members.items():
        if name in _reachable(graph, name):
            with pytest.raises(DependencyCycle) as refusal:
                check_no_cycle(member, members)
            way = (refusal.value.place or "").split(" → ")
            assert way[0] == way[-1] == name
            assert all(after in graph[before] for before, after in pairwise(way))
        else:
            check_no_cycle(member, members)


steps = st.lists(
    st.tuples(
        st.sampled_from(["on", "off", "remove"]),
        st.sampled_from(NAMES),
        st.sampled_from(["1.0.0", "1.5.0", "2.0.0"]),
        st.dictionaries(st.sampled_from(NAMES), st.sampled_from([">=1", "<2", ">=1.5,<2", "==2.0.0"]), max_size=3),
        st.sets(st.sampled_from(NAMES), max_size=1),
    ),
    max_size=30,
)


@given(steps=steps)
def test_whatever_is_done_in_whatever_order_what_is_active_has_what_it_needs(steps: list[Any]) -> None:
    installed: dict[str, Member] = {}
    for step, name, version, needs, conflicts in steps:
        try:
            if step == "on":
                one = Member(name, version, True, needs, frozenset(conflicts - {name}))
                check_can_be_active(one, installed)
                check_not_needed(name, version, installed, inactive=False)
                installed[name] = one
            elif name in installed:
                check_not_needed(name, None, installed, inactive=step == "remove")
                old = installed.pop(name)
                if step == "off":
                    installed[name] = Member(name, old.version, False, old.needs, old.conflicts)
        except Conflict:
            pass
        for member in installed.values():
            if member.active:
                check_can_be_active(member, installed)


async def install(instance: Instance, pool: Pool, name: str, version: str = "1.0.0", **manifest: Any) -> None:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, name=name, version=version, **manifest))


async def refused(change: Any) -> tuple[str, str | None]:
    with pytest.raises(Error) as refusal:
        await change
    assert refusal.value.next_step
    return refusal.value.code, refusal.value.place


async def test_a_plugin_is_installed_when_what_it_needs_is_there(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    needing = {"dependencies": {"acme.base": ">=1.2,<2"}}
    assert await refused(install(instance, pool, "top", **needing)) == ("plugins.dependencies", "acme.base")
    await install(instance, pool, "base")
    assert await refused(install(instance, pool, "top", **needing)) == ("plugins.dependencies", "acme.base")
    assert await instance.remains("acme.top") == ["1 rows", *instance.files()]

    base = await make_signed_plugin(pool, name="base", version="1.2.0")
    await instance.plugins.update(SYSTEM, "acme.base", base)
    await install(instance, pool, "top", **needing)

    assert await instance.state("acme.top") == "active"


async def test_what_others_need_stays_unless_somebody_insists(on_each_database: Instance, pool: Pool) -> None:
    instance = on_each_database
    await install(instance, pool, "base", "1.2.0")
    await install(instance, pool, "top", dependencies={"acme.base": ">=1.2,<2"})
    plugins, newer = instance.plugins, await make_signed_plugin(pool, name="base", version="2.0.0")

    needed = ("plugins.needed", "acme.top")
    assert await refused(plugins.deactivate(SYSTEM, "acme.base")) == needed
    assert await refused(plugins.uninstall(SYSTEM, "acme.base")) == needed
    assert await refused(plugins.update(SYSTEM, "acme.base", newer)) == needed
    assert await instance.state("acme.base") == "active"

    await plugins.deactivate(SYSTEM, "acme.base", force=True)
    await plugins.deactivate(SYSTEM, "acme.top")
    assert await refused(plugins.activate(SYSTEM, "acme.top")) == ("plugins.dependencies", "acme.base")
    assert await refused(plugins.uninstall(SYSTEM, "acme.base")) == needed
    await plugins.uninstall(SYSTEM, "acme.base", force=True)
    assert [plugin.plugin_id for plugin in await plugins.list(SYSTEM)] == ["acme.top"]


async def test_an_update_cannot_close_a_circle(instance: Instance, pool: Pool) -> None:
    await install(instance, pool, "base")
    await install(instance, pool, "top", dependencies={"acme.base": ">=1"})
    closing = await make_signed_plugin(pool, name="base", version="1.1.0", dependencies={"acme.top": ">=1"})

    circle = "acme.base → acme.top → acme.base"
    assert await refused(instance.plugins.update(SYSTEM, "acme.base", closing)) == ("plugins.dependency_cycle", circle)


async def test_plugins_in_conflict_are_not_active_together(instance: Instance, pool: Pool) -> None:
    await install(instance, pool, "one")
    two = {"name": "two", "conflicts": ["acme.one"]}
    assert await refused(install(instance, pool, **two)) == ("plugins.conflict", "acme.one")

    await instance.plugins.deactivate(SYSTEM, "acme.one")
    await install(instance, pool, **two)

    assert await refused(instance.plugins.activate(SYSTEM, "acme.one")) == ("plugins.conflict", "acme.two")
