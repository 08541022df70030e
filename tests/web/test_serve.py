"""A served instance: another process, a real socket, from the start to the end and after a restart."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rising_bsm.web.cookies import CSRF_HEADER
from support.served import EMAIL, Served, served
from support.web import PASSWORD, a_customer


def test_from_sign_in_to_customers_and_on_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as first:
        assert first.said[0] == f"Sign in as {EMAIL} with the password you gave"
        with httpx.Client(base_url=first.url) as browser:
            signed_in = browser.post("/api/session", json={"email": EMAIL, "password": PASSWORD}).json()
            headers = {CSRF_HEADER: signed_in["csrf_token"]}
            made = browser.post("/api/customers", json=a_customer(name="Bakery"), headers=headers)
            token = browser.post("/api/tokens", json={"name": "laptop"}, headers=headers).json()["token"]
            cookies = dict(browser.cookies)
        assert made.status_code == 201
        assert first.stop() == (0, "")
    with served(tmp_path) as second:
        assert len(second.said) == 1
        with httpx.Client(base_url=second.url, cookies=cookies) as browser:
            assert browser.get("/api/me").json() == signed_in
            assert browser.get("/api/customers").json()["items"][0]["name"] == "Bakery"
            assert browser.delete("/api/session", headers=headers).status_code == 204
        with httpx.Client(base_url=second.url, headers={"Authorization": f"Bearer {token}"}) as program:
            assert program.get("/api/customers").json()["total"] == 1
        assert second.stop(signal.SIGINT)[0] == 0
    with served(tmp_path) as third, httpx.Client(base_url=third.url, cookies=cookies) as browser:
        assert browser.get("/api/me").status_code == 401


def test_the_first_administrator_is_shown_once_when_we_chose_the_password(tmp_path: Path) -> None:
    with served(tmp_path, ADMIN_PASSWORD="", ADMIN_EMAIL="") as first:
        found = re.fullmatch(r"Sign in as (\S+) with password (\S+) \(shown only now\)", first.said[0])
        assert found
        answer = httpx.post(f"{first.url}/api/session", json={"email": found[1], "password": found[2]})
    assert answer.status_code == 200
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(found[2].encode() in content for content in files)


def test_what_is_written_is_for_the_owner_alone(tmp_path: Path) -> None:
    with served(tmp_path / "data") as instance:
        httpx.post(f"{instance.url}/api/session", json={"email": EMAIL, "password": PASSWORD})
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "data").rglob("*")}
    assert {"secret.key", "rising-bsm.sqlite3", "sessions"} <= set(modes)
    assert set(modes.values()) == {0}


def test_a_killed_supervisor_leaves_nobody_at_the_address(tmp_path: Path) -> None:
    with served(tmp_path) as first:
        first.stop(signal.SIGKILL)
        _wait_until_nobody_listens(first.port)
    with served(tmp_path, PORT=str(first.port)) as second:
        assert second.port == first.port


def _wait_until_nobody_listens(port: int, seconds: float = 20) -> None:
    """Its worker looks for it once a second, and ends then."""
    end = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                assert time.monotonic() < end, "somebody listens still"
            else:
                return
        time.sleep(0.05)


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    with served(tmp_path) as instance:
        children = Path(f"/proc/{instance.process.pid}/task/{instance.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        assert instance.process.stdout
        assert "answers at" in instance.process.stdout.readline()
        assert httpx.get(f"{instance.url}/health").status_code == 200


def test_a_second_instance_at_the_same_address_is_refused(tmp_path: Path) -> None:
    with served(tmp_path / "one") as one:
        with pytest.raises(pytest.fail.Exception, match="AddressTaken"), served(tmp_path / "two", PORT=str(one.port)):
            pass
        assert httpx.get(f"{one.url}/health").status_code == 200


def test_what_cannot_be_prepared_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with (
        pytest.raises(pytest.fail.Exception, match="between 12 and 200"),
        served(tmp_path, ADMIN_PASSWORD="short"),
    ):
        pass


@pytest.mark.parametrize(
    "target",
    [
        "/api/../api/customers",
        "/health/../api/customers",
        "/assets/..//api/customers",
        "/api/customers%00",
        "/api/customers/%2e%2e/customers",
        "//localhost/api/customers",
        "http://localhost/api/customers",
        "/api/%c0%af/customers",
        "/\xff\xfe",
        "*",
        "/" + "a" * 9_000,
    ],
)
def test_raw_paths_lead_nowhere(shared: Served, target: str) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    status = shared.ask(request.encode("latin-1")).split(b" ", 2)[1]
    assert status in (b"400", b"401", b"404", b"414", b"431")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: x\r\n\r\n{}",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_request_to_us_is_refused_and_the_next_one_works(shared: Served, raw: bytes) -> None:
    answer = shared.ask(raw)
    assert answer == b"" or answer.split(b" ", 2)[1].startswith(b"4")
    assert httpx.get(f"{shared.url}/health").status_code == 200


def test_a_large_body_is_refused_over_a_socket_too(shared: Served) -> None:
    for body in (b" " * 300_000, iter([b" " * 65_536] * 5)):
        headers = {"Content-Type": "application/json"}
        assert httpx.post(f"{shared.url}/api/session", content=body, headers=headers).status_code == 413


def test_only_a_trusted_proxy_says_where_a_request_comes_from(tmp_path: Path) -> None:
    def exhausted(url: str) -> bool:
        with httpx.Client(base_url=url) as client:
            headers = [{"X-Forwarded-For": f"198.51.100.{number % 250}"} for number in range(601)]
            return 429 in {client.get("/sign-in", headers=header).status_code for header in headers}

    with served(tmp_path / "one") as untrusting:
        assert exhausted(untrusting.url)
    with served(tmp_path / "two", TRUSTED_PROXIES="127.0.0.1") as trusting:
        assert not exhausted(trusting.url)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("shared")) as instance:
        yield instance


def test_what_keeps_the_worker_from_starting_is_said_once_and_plainly(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("in the way of the folder")
    with pytest.raises(pytest.fail.Exception) as refusal, served(tmp_path):
        pass
    log = str(refusal.value)
    assert log.count("rising_bsm.errors.Failed: Nobody can be signed in") == 1
    assert "crash loop" not in log
