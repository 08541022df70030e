"""A real browser on a served instance: Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from rising_bsm.bundle import SigningKey
from rising_bsm.db import uuid7
from support.served import Served
from support.web import PASSWORD

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


class Site:
    """A served instance with demo data, as an administrator's program sees it (`api`)."""

    def __init__(self, served: Served, api: httpx.Client) -> None:
        self.served = served
        self.api = api
        self.url = served.url
        self._sessions: dict[str, str] = {}

    def post(self, address: str, **body: Any) -> Any:
        """What the API answers to this, which must be a success."""
        answer = self.api.post(address, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, address: str) -> Any:
        """What the API answers."""
        answer = self.api.get(address)
        assert answer.is_success, answer.text
        return answer.json()

    def add_person(self, role: str = "admin", name: str = "Anna Berg") -> str:
        """The e-mail address of somebody new, whose password is PASSWORD."""
        email = f"{uuid7()}@example.com"
        self.post("/api/users", name=name, email=email, role=role, password=PASSWORD)
        return email

    def trust(self, publisher: str, key: SigningKey) -> None:
        """The key counts from now on, if it did not before."""
        known = self.get("/api/trusted-keys")["items"]
        if not any((one["publisher"], one["public_key"]) == (publisher, str(key.public_key)) for one in known):
            self.post("/api/trusted-keys", publisher=publisher, public_key=str(key.public_key))

    def install(self, bundle: bytes) -> str:
        """The id of the plugin, which is active."""
        answer = self.api.post("/api/plugins", content=bundle, headers={"Content-Type": "application/octet-stream"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def session_of(self, role: str) -> str:
        """The session cookie of somebody with this role; the same person whenever it is asked for."""
        if role not in self._sessions:
            with httpx.Client(base_url=self.url, timeout=60) as visitor:
                given = {"email": self.add_person(role), "password": PASSWORD}
                assert visitor.post("/api/session", json=given).is_success
                self._sessions[role] = visitor.cookies["rbsm_session"]
        return self._sessions[role]


class Watched:
    """What a browser did beside what it was asked to: errors on its console, and requests to elsewhere."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.expected: list[str] = []
        self._host = urlsplit(url).netloc
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", self._see)

    def expect(self, part: str) -> None:
        """Errors with this in them are what the test is about."""
        self.expected.append(part)

    def allow_elsewhere(self) -> None:
        """The test is about another host."""
        self._host = ""

    def check(self) -> None:
        """Raises if there was anything."""
        unexpected = [error for error in self.errors if not any(part in error for part in self.expected)]
        assert not unexpected, unexpected
        assert not self.elsewhere, self.elsewhere

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self._host and self._host:
            self.elsewhere.append(request.url)


def need_chromium() -> None:
    """Skips where there is no Chromium; in CI nothing is skipped."""
    if not CHROMIUM.exists():
        assert not os.environ.get("CI"), "CI installs Chromium"
        pytest.skip(f"there is no Chromium at {CHROMIUM}; CHROMIUM=... names another")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET, chromium_sandbox=os.getuid() != 0)
        yield browser
        browser.close()


def person(browser: Browser, site: Site, role: str = "admin", **options: Any) -> BrowserContext:
    """A browser of somebody with this role who is signed in; nobody's without a role."""
    given: dict[str, Any] = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Berlin"} | options
    context = browser.new_context(base_url=site.url, **given)
    context.set_default_timeout(15_000)
    if role:
        context.add_cookies([{"name": "rbsm_session", "value": site.session_of(role), "url": site.url}])
    return context


def serious(page: Page) -> list[str]:
    """What axe-core finds on the page that keeps people from using it, each with its place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
