"""What `rising-bsm call` understands, and what it says about anything else."""

import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.cli.target import (
    ActionTarget,
    ComponentTarget,
    EventTarget,
    HookTarget,
    LifecycleTarget,
    RouteTarget,
    ScheduleTarget,
    Target,
    parse_now,
    parse_payload,
    parse_seed,
    parse_target,
)
from rising_bsm.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("GET /", RouteTarget("GET", "/", {})),
        (" POST   /a/b%20c?x=1&x=2&y= ", RouteTarget("POST", "/a/b c", {"x": "2", "y": ""})),
        ("DELETE /a?x=%C3%A4+b", RouteTarget("DELETE", "/a", {"x": "ä b"})),
        ("before customers.create", HookTarget("customers.create")),
        ("after customers.create", EventTarget("customers.create")),
        ("after  acme.loyalty-points:level_reached", EventTarget("acme.loyalty-points:level_reached")),
        ("schedule digest", ScheduleTarget("digest")),
        ("component  widget", ComponentTarget("widget")),
        ("action save", ActionTarget("save")),
        ("on_activate", LifecycleTarget("on_activate")),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        *("", "GET", "GET x", "get /x", "FETCH /x", "GET /x y", "before", "on_start"),
        *(
            "after",
            "after customers",
            "after acme:level",
            "after a.b:C",
            "schedule",
            "schedule 0 7 * * *",
            "schedule 7",
        ),
    ],
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_target(text)
    assert caught.value.code == "call.bad_target"


@given(st.text())
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse_target(text), Target)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_payloads_are_json(value: Any) -> None:
    assert parse_payload(json.dumps(value)) == value


def test_payloads_come_from_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.json").write_text('{"ä": 1}', "utf-8")
    assert parse_payload(f"@{tmp_path / 'x.json'}") == {"ä": 1}
    monkeypatch.setattr("sys.stdin", io.StringIO("[2]"))
    assert parse_payload("@-") == [2]
    assert parse_payload(None) is None


@pytest.mark.parametrize("text", ["", "{", "nonsense", "{'a': 1}", "[NaN]", "[" * 100_000])
def test_a_payload_that_is_none(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_payload(text)
    assert caught.value.code == "call.bad_payload"


def test_seeds() -> None:
    assert parse_seed("00fF") == b"\x00\xff"
    assert parse_seed(None) is None


@pytest.mark.parametrize("text", ["", "0", "xy", "0x00", "00 ff", "00" * 33])
def test_what_is_no_seed(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_seed(text)
    assert caught.value.code == "call.bad_seed"


def test_moments() -> None:
    assert parse_now("2030-01-31T13:00:00+01:00") == datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert parse_now(None).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2030-01-31T12:00:00", "1969-01-01T00:00:00Z", "0001-01-01T00:00+23:00"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_now(text)
    assert caught.value.code == "call.bad_time"
