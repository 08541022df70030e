"""A served instance: another process, as people start it, on a real socket."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from rising_bsm.web.cookies import CSRF_HEADER
from support.web import PASSWORD

PROGRAM = """
import os
from rising_bsm.web.serve import serve
from rising_bsm.web.settings import Settings
serve(Settings.from_environment(os.environ))
"""
EMAIL = "admin@example.com"


class Served:
    """A process that serves; `said` is what it printed until it answered."""

    def __init__(self, process: subprocess.Popen[str], said: list[str], log: IO[str]) -> None:
        self.process = process
        self.said = said
        self._log = log
        self.url = said[-1].split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A browser in which the administrator has signed in."""
        with httpx.Client(base_url=self.url, timeout=120) as browser:
            answer = browser.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
            assert answer.status_code == 200
            browser.headers[CSRF_HEADER] = answer.json()["csrf_token"]
            yield browser

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit status and what it wrote to its log."""
        self.process.send_signal(by)
        self.process.wait(timeout=30)
        self._log.seek(0)
        return self.process.returncode, self._log.read()

    def ask(self, raw: bytes) -> bytes:
        """The first of the answer to bytes that no client library would send, b"" when there is none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(raw)
            return connection.recv(65_536)


@contextmanager
def served(data_dir: Path, **settings: str) -> Iterator[Served]:
    """An instance on the data in `data_dir`; settings are named as their variables, without the prefix."""
    given = {"DATA": str(data_dir), "PORT": "0", "ADMIN_EMAIL": EMAIL, "ADMIN_PASSWORD": PASSWORD} | settings
    variables = {f"RISING_BSM_{name}": value for name, value in given.items()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RISING_BSM_")}
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed below, after the process that writes into it
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment | variables | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    with log, process:
        try:
            yield Served(process, _said(process, log), log)
        finally:
            process.kill()


def _said(process: subprocess.Popen[str], log: IO[str]) -> list[str]:
    assert process.stdout
    said: list[str] = []
    while line := process.stdout.readline():
        said.append(line.strip())
        if "answers at" in line:
            return said
    log.seek(0)
    pytest.fail(f"it never answered: {said} {log.read()}")
