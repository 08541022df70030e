"""`rising-bsm license`: the drill, and what an instance says of its licences."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rising_bsm.cli.app import app
from support.program import Program
from support.serving import EMAIL, PASSWORD, Served, administrator, serving

START = ("--start", "2028-02-28")


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["license", "simulate", *START, *arguments])


def states(*arguments: str) -> list[tuple[str, str]]:
    import json

    moments = json.loads(simulate(*arguments, "--json").output)
    return [(moment["at"][:16], moment["state"]) for moment in moments]


def test_the_drill_tells_when_what_happens() -> None:
    assert states("--offline", "9d", "--clock", "+400d", "--move-host") == [
        ("2028-02-28T00:00", "ok"),
        ("2028-02-28T00:00", "ok"),
        ("2028-02-28T00:00", "ok"),
        ("2028-02-28T00:00", "stopped"),
        ("2028-03-08T00:00", "ok"),
        ("2029-02-27T00:00", "restricted"),
        ("2029-03-29T00:00", "stopped"),
    ]


def test_the_drill_of_a_trial_over_a_leap_day() -> None:
    assert states("--type", "trial", "--expires", "3d") == [
        ("2028-02-28T00:00", "ok"),
        ("2028-03-02T00:00", "restricted"),
        ("2028-03-09T00:00", "stopped"),
    ]


def test_the_drill_is_a_table_that_people_can_read() -> None:
    told = simulate("--offline", "9d").output

    assert "2028-02-29 00:00  grace       The licence file has run out; the days of grace begin." in told
    assert "works for 7 days more" in told
    assert told.endswith("Whatever happens to a licence: the host's own data and pages are never touched.\n")


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("--offline", "9"), "--offline"),
        (("--offline", "-9d"), "--offline"),
        (("--offline", "9d9d"), "--offline"),
        (("--offline", "999999w"), "--offline"),
        (("--clock", "soon"), "--clock"),
        (("--expires", "+3d"), "--expires"),
        (("--type", "free"), "--type"),
        (("--start", "2027-02-29"), "--start"),
        (("--start", "0001-01-01"), "--start"),
        (("--start", "9999-12-31T23:59:59+14:00"), "--start"),
    ],
)
def test_a_drill_that_makes_no_sense_is_refused(arguments: tuple[str, ...], place: str) -> None:
    error: Any = simulate(*arguments).exception

    assert (error.code, error.place) == ("cli.bad_option", place)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), **administrator()) as served:
        yield served


def test_what_an_instance_says_of_licences(program: Program, served: Served) -> None:
    def run(*arguments: str) -> Result:
        known = {"RISING_BSM_URL": served.url, "RISING_BSM_CONFIG": str(program.config)}
        return CliRunner().invoke(app, ["license", *arguments], env=known)

    assert program("login", "--url", served.url, "--email", EMAIL, RISING_BSM_PASSWORD=PASSWORD).status == 0
    assert run("list").output == "No licence is held.\n"
    assert run("list", "--json").output == "[]\n"
    assert run("renew").exit_code == 0
    for arguments, code in (
        (("show", "acme.hello"), "license.none"),
        (("show", "acme"), "cli.bad_id"),
        (("release", "acme.hello"), "license.none"),
        (("activate", "acme.hello"), "license.none"),
        (("activate", "acme.hello", "RBSM-1"), "license.invalid_key"),
        (("activate", "acme.hello", "RBSM-00000-00000-00000-00000-00000"), "license.not_found"),
        (("trial", "acme.hello"), "license.no_trial"),
    ):
        error: Any = run(*arguments).exception
        assert error.code == code
