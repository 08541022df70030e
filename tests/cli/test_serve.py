"""`rising-bsm serve` and `rising-bsm login`, with the real application."""

import re
from pathlib import Path

import httpx

from support.program import Program
from support.serving import EMAIL, PASSWORD, administrator, serving


def test_the_first_administrator_is_printed_once_and_can_sign_in(program: Program, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as served:
        [(email, password)] = re.findall(r"Sign in as (\S+) with password (\S+)", served.printed)
        answer = httpx.post(f"{served.url}/api/session", json={"email": email, "password": password})
        assert answer.status_code == 200
    with serving(tmp_path / "data") as served:
        assert "password" not in served.printed


def test_demo_customers_are_there_when_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--demo", **administrator()) as served, httpx.Client(base_url=served.url) as client:
        client.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
        assert client.get("/api/customers").json()["total"] > 10


def test_a_wrong_password_keeps_nothing(program: Program, tmp_path: Path) -> None:
    with serving(tmp_path / "data", **administrator()) as served:
        run = program("login", "--url", served.url, stdin=f"{EMAIL}\nwrong\n")
        assert run.status == 1
        assert "Traceback" not in run.err
        assert "wrong\n" not in run.out + run.err
        assert not program.config.exists()


def test_a_bad_setting_is_a_refusal(program: Program) -> None:
    run = program("serve", RISING_BSM_PORT="http")
    assert (run.status, "[settings.invalid]" in run.err) == (1, True)
