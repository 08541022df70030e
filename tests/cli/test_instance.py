"""The commands for a running instance, from an author's folder to nothing left of the plugin."""

import re
from collections.abc import Iterator
from shutil import rmtree
from typing import Any

import httpx
import pytest

from rising_bsm.bundle import SigningKey
from support.author import make_project
from support.program import Program, Run
from support.serving import EMAIL, PASSWORD, Served, administrator, serving

HELLO = """\
@route('GET', '/hello', permission='customers.read')
def hello(self, ctx, request):
    return ctx.customers.count()"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), **administrator()) as served:
        yield served


@pytest.fixture
def signed_in(program: Program, served: Served) -> Program:
    run = program("login", "--url", served.url, "--email", EMAIL, RISING_BSM_PASSWORD=PASSWORD)
    assert run.status == 0, run.err
    return program


@pytest.fixture
def bundle(program: Program) -> str:
    make_project(program.cwd, HELLO, permissions=("customers.read",))
    program("keys", "generate", "acme")
    assert program("build", "--sign", "acme", "--output", "hello.rbsm").status == 0
    return "hello.rbsm"


def token_in(program: Program) -> dict[str, str]:
    [token] = re.findall(r"rbsm_[\w-]+", (program.config / "tokens.json").read_text())
    return {"Authorization": f"Bearer {token}"}


def public_key(program: Program) -> str:
    return str(program("keys", "list", "--json").json["own"][0]["public_key"])


def test_from_a_signed_bundle_to_nothing_left(signed_in: Program, served: Served, bundle: str) -> None:
    def run(*arguments: str) -> str:
        done = signed_in(*arguments, RISING_BSM_URL=served.url)
        assert done.status == 0, done.err
        return done.out

    def answer() -> int:
        return httpx.get(f"{served.url}/api/ext/acme.hello/hello", headers=token_in(signed_in)).status_code

    run("keys", "trust", "acme", public_key(signed_in), "--url", served.url)
    assert run("install", bundle, "--yes") == "✓ acme.hello 0.1.0 is installed\n"
    assert answer() == 200
    assert run("list") == "acme.hello  0.1.0  active\n"
    assert run("deactivate", "acme.hello") == "✓ acme.hello 0.1.0 is switched off\n"
    assert (answer(), run("list")) == (404, "acme.hello  0.1.0  inactive\n")
    assert run("activate", "acme.hello") == "✓ acme.hello 0.1.0 is active\n"
    assert answer() == 200
    assert "is removed" in run("uninstall", "acme.hello", "--yes")
    assert (answer(), run("list")) == (404, "")


def test_an_update_shows_what_is_new_and_a_rollback_undoes_it(signed_in: Program, served: Served, bundle: str) -> None:
    def run(*arguments: str, stdin: str = "", status: int = 0) -> Run:
        done = signed_in(*arguments, stdin=stdin, RISING_BSM_URL=served.url)
        assert done.status == status, done.err
        return done

    run("keys", "trust", "acme", public_key(signed_in), "--url", served.url)
    run("install", bundle, "--yes")
    rmtree(signed_in.cwd / "src")
    make_project(signed_in.cwd, HELLO, version="0.2.0", permissions=("customers.read", "customers.update"))
    run("build", "--sign", "acme", "--output", "next.rbsm")

    refused = run("update", "next.rbsm", "--yes", status=1)
    assert "[plugins.new_permissions]" in refused.err
    assert "--accept customers.update" in refused.err
    declined = run("update", "next.rbsm", stdin="y\nn\n", status=1)
    assert "because: Needed by this test." in declined.err
    assert run("list").out == "acme.hello  0.1.0  active\n"
    assert run("update", "next.rbsm", stdin="y\ny\n").out.endswith("✓ acme.hello 0.2.0 is installed\n")
    assert run("rollback", "acme.hello").out == "✓ acme.hello 0.1.0 is back\n"
    assert run("update", "next.rbsm", "--yes", "--accept", "customers.update").status == 0
    assert run("deactivate", "acme.hello", "--force").out == "✓ acme.hello 0.2.0 is switched off\n"
    run("uninstall", "acme.hello", "--yes", "--force")


def test_what_it_may_do_is_shown_and_asked_first(signed_in: Program, served: Served, bundle: str) -> None:
    run = signed_in("install", bundle, "--url", served.url, stdin="n\n")
    assert run.status == 1
    assert "See customers and search among them (customers.read)" in run.err
    assert "because: Needed by this test." in run.err
    assert signed_in("list", "--json", "--url", served.url).json == []


def test_what_strangers_may_use_is_shown_before_anybody_agrees(signed_in: Program, served: Served) -> None:
    body = HELLO.replace("permission='customers.read'", "public=True")
    make_project(signed_in.cwd, body, permissions=("routes.public",))
    assert signed_in("build", "--output", "x.rbsm").status == 0
    run = signed_in("install", "x.rbsm", "--url", served.url, stdin="n\n")
    assert "Answer strangers on public routes of the plugin (routes.public)" in run.err
    assert "people who are not signed in may use GET /hello" in run.err


def test_nobody_there_to_agree(signed_in: Program, served: Served, bundle: str) -> None:
    run = signed_in("install", bundle, "--url", served.url)
    assert (run.status, "[cli.no_answer]" in run.err, "--yes" in run.err) == (1, True, True)


def test_an_untrusted_key_is_refused_in_the_words_of_the_instance(signed_in: Program, served: Served) -> None:
    make_project(signed_in.cwd, HELLO)
    SigningKey.generate().to_file(signed_in.cwd / "stranger.pem")
    assert signed_in("build", "--sign", "stranger.pem", "--output", "x.rbsm").status == 0
    said = signed_in("install", "x.rbsm", "--yes", "--json", "--url", served.url).json
    assert said["error"]["code"] == "bundle.untrusted_key"


@pytest.mark.parametrize("verb", ["activate", "deactivate", "uninstall"])
def test_a_plugin_that_is_not_there(signed_in: Program, served: Served, verb: str) -> None:
    more = ["--yes"] if verb == "uninstall" else []
    run = signed_in(verb, "acme.nothing", *more, "--url", served.url)
    assert (run.status, "[plugins.not_found]" in run.err) == (1, True)


@pytest.mark.parametrize("verb", ["activate", "deactivate", "uninstall"])
@pytest.mark.parametrize("name", ["../customers", "acme", "acme.hello/../x"])
def test_what_is_no_plugin_never_reaches_the_instance(program: Program, verb: str, name: str) -> None:
    run = program(verb, name, "--url", "http://127.0.0.1:9", "--token", "x")
    assert (run.status, "[cli.bad_id]" in run.err) == (1, True)


def test_a_login_may_manage_plugins_but_neither_people_nor_tokens(signed_in: Program, served: Served) -> None:
    assert (signed_in.config / "tokens.json").stat().st_mode & 0o777 == 0o600
    me: dict[str, Any] = httpx.get(f"{served.url}/api/me", headers=token_in(signed_in)).json()
    assert {"plugins.manage", "customers.read"} <= set(me["permissions"])
    assert {"users.manage", "tokens.manage"}.isdisjoint(me["permissions"])


def test_a_token_that_is_none(program: Program, served: Served) -> None:
    run = program("list", "--url", served.url, "--token", "rbsm_nonsense")
    assert run.status == 1
    assert "rbsm_nonsense" not in run.err
