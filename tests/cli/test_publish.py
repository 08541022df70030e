"""From a folder to a version that can be had, by the commands of publishers and operators."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.author import make_project
from support.program import Program, Run
from support.serving import EMAIL, PASSWORD, Served, administrator, serving

HELLO = '@route("GET", "/hello")\ndef hello(self, ctx, request):\n    return {}'
NO_ID = "0198c0de-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), **administrator()) as served:
        yield served


@pytest.fixture
def signed_in(program: Program, served: Served) -> Program:
    run = program("login", "--url", served.url, "--email", EMAIL, RISING_BSM_PASSWORD=PASSWORD)
    assert run.status == 0, run.err
    return program


def test_from_a_folder_to_a_version_that_is_taken_back(signed_in: Program, served: Served) -> None:
    def run(*arguments: str, status: int = 0) -> Run:
        done = signed_in(*arguments, RISING_BSM_URL=served.url)
        assert done.status == status, (arguments, done.out, done.err)
        return done

    make_project(signed_in.cwd, HELLO)
    run("keys", "generate", "acme")
    assert "publishers keys add acme" in run("publishers", "create", "acme", "--email", "a@acme.example").out
    proven = run("publishers", "keys", "prove", "acme").json
    assert proven["public_key"].startswith("rbsm-ed25519:")
    assert set(proven) == {"public_key", "proof"}
    run("publishers", "keys", "add", "acme")
    assert run("publishers", "verify", "acme").out == "✓ acme is verified\n"
    assert run("publishers", "list", "--json").json[0]["keys"][0]["publisher"] == "acme"

    made: Any = run("publish", "--channel", "beta", "--json").json
    assert (made["state"], made["channel"], made["errors"]) == ("in_review", "beta", 0), made["findings"]
    assert {"bait", "usage", "obfuscation", "vulnerable"} <= {finding["code"] for finding in made["findings"]}
    assert made["id"] in run("submissions", "list", "--state", "in_review").out
    assert "acme.hello 0.1.0  in_review" in run("submissions", "show", made["id"]).out
    assert "+    def hello(self, ctx, request):" in run("submissions", "diff", made["id"]).out

    approved = run("submissions", "approve", made["id"], "--reason", "Read all of it.")
    assert approved.out == "✓ acme.hello 0.1.0: approved\n"
    assert "their own: there was nobody else" in run("submissions", "show", made["id"]).out
    assert run("versions", "list", "acme.hello").out.split()[:3] == ["0.1.0", "beta", "approved"]
    assert run("release", "acme.hello", "--version", "0.1.0").out == "✓ acme.hello 0.1.0 is released\n"
    again = run("publish", "--json", status=1).json
    assert again["error"]["code"] == "submissions.known_version"
    for verb, done in (("deprecate", "deprecated"), ("suspend", "suspended"), ("revoke", "revoked")):
        out = run(verb, "acme.hello", "--version", "0.1.0", "--reason", "It is old.").out
        assert out == f"✓ acme.hello 0.1.0 is {done}\n"
    assert run("versions", "list", "acme.hello", "--json").json[0]["status"] == "revoked"
    assert "acme.hello" in run("publishers", "dashboard", "acme").out


def test_what_is_found_is_shown_and_ends_with_status_1(signed_in: Program, served: Served) -> None:
    def run(*arguments: str) -> Run:
        return signed_in(*arguments, RISING_BSM_URL=served.url)

    make_project(signed_in.cwd, HELLO.replace("return {}", "return eval(request.query['x'].encode().decode())"))
    project = signed_in.cwd / "pyproject.toml"
    project.write_text(project.read_text().replace('"acme"', '"globex"'))
    run("keys", "generate", "globex")
    run("publishers", "create", "globex", "--email", "g@globex.example")
    run("publishers", "keys", "add", "globex")
    published = run("publish")
    assert published.status == 1
    assert "[obfuscation.hidden_code]" in published.out
    [listed] = run("submissions", "list", "--plugin", "globex.hello", "--json").json
    out = run("submissions", "request-changes", listed["id"], "--reason", "No eval, please.").out
    assert out == "✓ globex.hello 0.1.0: changes requested\n"
    assert run("submissions", "withdraw", listed["id"]).status == 1
    draft = run("publish", "--draft", "--json").json
    assert draft["state"] == "draft"
    assert run("submissions", "send", draft["id"]).status == 0


@pytest.mark.parametrize(("name", "code"), [("../customers", "cli.bad_submission"), (NO_ID, "submissions.not_found")])
def test_what_is_no_submission(signed_in: Program, served: Served, name: str, code: str) -> None:
    for verb, more in (("show", []), ("reject", ["--reason", "x"]), ("withdraw", [])):
        run = signed_in("submissions", verb, name, *more, "--url", served.url)
        assert (run.status, f"[{code}]" in run.err) == (1, True), run.err


def test_nobody_publishes_without_a_token(program: Program) -> None:
    make_project(program.cwd, HELLO)
    run = program("publish", "--url", "http://127.0.0.1:9")
    assert (run.status, "[auth.required]" in run.err) == (1, True)
