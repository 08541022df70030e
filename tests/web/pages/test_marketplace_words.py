"""What the marketplace's pages call things: everything has a name, and every permission its numbers."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.accounts import PERMISSIONS
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.bundle.manifest import HookName, MountName
from rising_bsm.bundle.offer import CATEGORIES
from rising_bsm.plugins.market.steps import STEPS
from rising_bsm.plugins.market.tables import Progress
from rising_bsm.plugins.reach import Reach
from rising_bsm.web.i18n import speaking
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.marketplace.in_numbers import permission_in_numbers
from rising_bsm.web.pages.marketplace.installs import lines_of
from rising_bsm.web.preferences import Preferences

FOR_PLUGINS = sorted(PERMISSIONS.keys() - PEOPLE_ONLY)
MANY = Reach(1284, 900, 2000, 3000, 4000, 5000, 6000)


def test_everything_has_a_name() -> None:
    assert words.CATEGORIES.keys() == set(CATEGORIES)
    assert words.HOOKS.keys() == set(get_args(HookName))
    assert words.MOUNTS.keys() == set(get_args(MountName))
    assert words.STEPS.keys() == STEPS.keys()


@pytest.mark.parametrize("code", FOR_PLUGINS)
def test_every_permission_of_plugins_is_told_in_a_sentence_of_its_own(code: str) -> None:
    told = permission_in_numbers(code, MANY)
    assert told.sentence != PERMISSIONS[code]
    assert told.sentence.endswith(".")
    assert "%" not in told.sentence


def test_numbers_are_those_of_this_database() -> None:
    told = permission_in_numbers("customers.read", MANY)
    assert "1,284 customers" in told.sentence
    assert "900 phone numbers" in told.sentence
    assert "1 customer." in permission_in_numbers("customers.delete", Reach(customers=1)).sentence
    with speaking(Preferences(language="de")):
        assert "1.284" in permission_in_numbers("customers.update", MANY).sentence


RISKS = {"customers.read": "reads", "notes.create": "changes", "requests.delete": "deletes", "routes.public": "opens"}


@pytest.mark.parametrize(("code", "risk"), RISKS.items())
def test_what_is_risky_looks_so(code: str, risk: str) -> None:
    assert permission_in_numbers(code, MANY).risk == risk


@given(st.text())
def test_what_is_unknown_is_named(code: str) -> None:
    told = permission_in_numbers(code, MANY)
    assert code in told.sentence or code in PERMISSIONS
    assert told.risk in ("reads", "changes", "deletes", "opens")


def row(*taken: str, state: Progress = Progress.RUNNING, licence: str = "held", kind: str = "install") -> Any:
    steps = [{"name": name, "sentence": "", "state": "running"} for name in taken]
    return SimpleNamespace(steps=steps, state=state, licence=licence, kind=kind)


def shown(found: Any) -> dict[str, str]:
    return {line.name: line.state for line in lines_of(found)}


def test_the_next_step_is_being_done() -> None:
    lines = shown(row("listed", "downloaded"))
    assert [lines[name] for name in ("listed", "downloaded", "verified", "resolved")] == [
        "done",
        "done",
        "now",
        "later",
    ]
    assert "licensed" not in lines, "what costs nothing has none"
    assert shown(row("listed", licence="trial"))["licensed"] == "now"


def test_where_it_broke_is_shown() -> None:
    lines = shown(row("listed", "downloaded", "failed", state=Progress.FAILED))
    assert (lines["verified"], lines["granted"]) == ("failed", "later")


def test_what_is_done_is_done() -> None:
    assert set(shown(row(*STEPS, "done", state=Progress.DONE)).values()) == {"done"}
    update = [name for name in STEPS if name not in ("licensed", "reserved", "token")]
    assert set(shown(row(*update, "done", state=Progress.DONE, kind="update")).values()) == {"done"}


@given(st.integers(0, 10**10))
def test_sizes_are_short(number: int) -> None:
    assert words.size_of(number).split()[1] in ("kB", "MB")
