"""Two instances, one with the marketplace and one that buys there: from an author's folder to a revoked version."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.author import make_project
from support.program import Program, Run
from support.served import EMAIL, Served, served
from support.web import PASSWORD

PLUGIN = "acme.hello"
GREETS = """
@route("GET", "/")
def hello(self, ctx, request):
    return {"version": 1, "license": ctx.license.type}
"""
COUNTS = """
@route("GET", "/")
def hello(self, ctx, request):
    return {"version": 2, "customers": ctx.customers.count()}
"""


@dataclass(frozen=True)
class Person:
    """Somebody at a terminal, who has logged in at an instance."""

    program: Program
    url: str

    def __call__(self, *arguments: str) -> Run:
        return self.program(*arguments, RISING_BSM_URL=self.url)


@dataclass(frozen=True)
class Market:
    """The instance with the marketplace, an author there, and its operator."""

    served: Served
    author: Person
    operator: Person


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with served(tmp_path / "market") as instance, instance.browser() as admin:
        author = {"email": "author@example.com", "name": "Author", "role": "publisher", "password": PASSWORD}
        assert admin.post("/api/users", json=author).status_code == 201
        yield Market(instance, person(tmp_path, instance, author["email"]), person(tmp_path, instance, EMAIL))


@pytest.fixture
def buyer(tmp_path: Path, market: Market) -> Iterator[tuple[Served, httpx.Client]]:
    with served(tmp_path / "buyer", MARKETPLACE_URL=market.served.url) as instance, instance.browser() as browser:
        yield instance, browser


def test_from_a_folder_to_a_version_that_is_revoked(
    tmp_path: Path, market: Market, buyer: tuple[Served, httpx.Client]
) -> None:
    instance, browser = buyer
    shopper = person(tmp_path, instance, EMAIL)

    # The author publishes, the operator approves.
    must(market.author("keys", "generate", "acme"))
    must(market.author("publishers", "create", "acme", "--display-name", "Acme", "--email", "acme@example.com"))
    must(market.author("publishers", "keys", "add", "acme"))
    publish(market, make_paid_project(tmp_path / "one", GREETS, version="1.0.0"))

    # The buyer finds it, tries it, and uses it.
    found = must(shopper("search", "hello", "--json")).json
    assert [one["id"] for one in found] == [PLUGIN]
    must(shopper("install", PLUGIN, "--trial", "--yes"))
    assert browser.get(f"/api/ext/{PLUGIN}").json() == {"version": 1, "license": "trial"}

    # An update that asks for more waits, shows what is new, and is accepted.
    publish(market, make_paid_project(tmp_path / "two", COUNTS, version="1.1.0", permissions=("customers.read",)))
    (update,) = must(shopper("updates", "--check", "--json")).json
    assert (update["state"], update["to_version"]) == ("waiting", "1.1.0")
    assert "customers.read" in str(update["difference"])
    assert browser.get(f"/api/ext/{PLUGIN}").json()["version"] == 1
    must(shopper("update", PLUGIN, "--accept", "customers.read", "--yes"))
    assert browser.get(f"/api/ext/{PLUGIN}").json() == {"version": 2, "customers": 0}

    # Back to the version before, and forward again.
    must(shopper("rollback", PLUGIN, "--restore-data"))
    assert browser.get(f"/api/ext/{PLUGIN}").json()["version"] == 1
    must(shopper("update", PLUGIN, "--accept", "customers.read", "--yes"))

    # The marketplace takes it back; the next heartbeat switches it off here and says why.
    must(market.operator("revoke", PLUGIN, "--version", "1.1.0", "--reason", "It reads more than it says."))
    must(shopper("license", "renew"))
    plugin = browser.get(f"/api/plugins/{PLUGIN}").json()
    assert plugin["state"] == "inactive"
    assert "It reads more than it says." in str(plugin["problem"])
    assert browser.get(f"/api/ext/{PLUGIN}").status_code == 404
    refused = shopper("activate", PLUGIN)
    assert refused.status != 0


def publish(market: Market, folder: Path) -> None:
    """From the folder to a version that is to be had."""
    submission = must(market.author("publish", str(folder), "--json")).json
    assert submission["state"] == "in_review", submission
    must(market.operator("submissions", "approve", submission["id"], "--reason", "Looked at."))
    must(market.author("release", PLUGIN, "--version", submission["version"]))


def must(run: Run) -> Run:
    """The run, which must have ended well."""
    assert run.status == 0, f"{run.out}\n{run.err}"
    return run


def make_paid_project(root: Path, body: str, *, version: str, permissions: tuple[str, ...] = ()) -> Path:
    """A folder of `acme.hello` that is paid for, with two weeks to try it."""
    folder = make_project(root, body, version=version, permissions=permissions)
    with (folder / "pyproject.toml").open("a") as file:
        file.write('pricing = { model = "paid", trial-days = 14 }\n')
    return folder


def person(folder: Path, instance: Served, email: str) -> Person:
    """Somebody who has logged in."""
    home = folder / f"{email} at {instance.port}"
    home.mkdir()
    someone = Person(Program(home, home), instance.url)
    must(someone.program("login", "--url", instance.url, "--email", email, RISING_BSM_PASSWORD=PASSWORD))
    return someone
