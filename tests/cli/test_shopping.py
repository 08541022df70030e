"""The commands for what comes from the marketplace, on an instance that hosts its own."""

from collections.abc import Iterator
from shutil import rmtree

import pytest

from support.author import make_project
from support.program import Program, Run
from support.serving import EMAIL, PASSWORD, Served, administrator, serving

HELLO = '@route("GET", "/hello")\ndef hello(self, ctx, request):\n    return ctx.storage.increment("n")'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), **administrator()) as served:
        yield served


def test_from_a_search_to_a_removal(program: Program, served: Served) -> None:
    def run(*arguments: str, status: int = 0, stdin: str = "") -> Run:
        done = program(*arguments, stdin=stdin, RISING_BSM_URL=served.url, RISING_BSM_PASSWORD=PASSWORD)
        assert done.status == status, (arguments, done.out, done.err)
        return done

    def release(version: str, *permissions: str) -> None:
        rmtree(program.cwd / "src", ignore_errors=True)
        make_project(program.cwd, HELLO, version=version, permissions=("customers.read", *permissions))
        made = run("publish", "--json").json
        run("submissions", "approve", made["id"], "--reason", "Read all of it.")
        run("release", "acme.hello", "--version", version)

    run("login", "--url", served.url, "--email", EMAIL)
    run("keys", "generate", "acme")
    run("publishers", "create", "acme", "--email", "a@acme.example")
    run("publishers", "keys", "add", "acme")
    release("0.1.0")

    assert run("search", "hello").out.startswith("acme.hello  0.1.0  free")
    assert run("search", "nothing-like-it").out == ""
    declined = run("install", "acme.hello", stdin="n\n", status=1)
    assert "It asks to be allowed to:" in declined.err
    installed = run("install", "acme.hello", "--yes")
    assert installed.out == "✓ acme.hello 0.1.0 is installed\n"
    assert "every byte is as it was signed" in installed.err
    assert "[plugins.already_installed]" in run("install", "acme.hello", "--yes", status=1).err

    assert run("pin", "acme.hello").out == "✓ acme.hello stays at 0.1.0\n"
    assert run("unpin", "acme.hello").out == "✓ acme.hello follows the channel stable\n"
    release("0.2.0", "customers.update")
    found = run("updates", "--check")
    assert found.out.startswith("acme.hello  0.1.0 → 0.2.0  waiting")
    assert "customers.update" in found.err
    assert "[plugins.new_permissions]" in run("update", "acme.hello", "--yes", status=1).err
    assert run("update", "acme.hello", stdin="y\ny\n").out.endswith("✓ acme.hello 0.2.0 is installed\n")
    assert run("rollback", "acme.hello").out == "✓ acme.hello 0.1.0 is back\n"
    kept = run("uninstall", "acme.hello", "--keep-data", "--yes")
    assert kept.out == "✓ acme.hello is removed; what it stored is kept.\n"
