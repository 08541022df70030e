"""`rising-bsm build`: a folder becomes one file, equal for equal sources, with what the class really answers to."""

import hashlib
from pathlib import Path

import pytest

from rising_bsm.bundle.verify import open_unsigned
from rising_bsm.cli.scaffold import KINDS
from support.author import make_project
from support.program import Program

HELLO = '@route("GET", "/hello")\ndef hello(self, ctx, request):\n    return {}'


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_create_makes_is_valid_and_builds(program: Program, kind: str) -> None:
    assert program("create", "acme.hello", "--type", kind, "--yes").status == 0
    folder = program.cwd / "hello"
    validated = program("validate", cwd=folder)
    assert (validated.status, validated.out.splitlines()[-1]) == (0, "0 errors, 0 warnings")
    assert program("build", cwd=folder).status == 0
    manifest = open_unsigned((folder / "acme.hello-0.1.0.rbsm").read_bytes()).manifest
    assert (manifest.id, manifest.type) == ("acme.hello", kind)
    assert manifest.exports.routes or manifest.exports.before or manifest.exports.components


def test_it_says_what_is_in_it(program: Program) -> None:
    make_project(program.cwd, HELLO, permissions=("customers.read",))
    run = program("build")
    assert (run.status, run.err) == (0, "")
    assert "✓ acme.hello 0.1.0 is in acme.hello-0.1.0.rbsm" in run.out
    assert "answers GET /hello" in run.out
    assert "asks for customers.read: Needed by this test." in run.out


def test_the_same_as_json(program: Program) -> None:
    make_project(program.cwd, HELLO)
    said = program("build", "--output", "x.rbsm", "--json").json
    data = (program.cwd / "x.rbsm").read_bytes()
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    assert (said["file"], said["size"], said["files"], said["key_id"]) == ("x.rbsm", len(data), 4, None)


def test_two_builds_of_one_source_are_equal(program: Program, tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_project(tmp_path / name, HELLO)
        assert program("build", str(tmp_path / name), "--output", f"{name}.rbsm").status == 0
    assert (program.cwd / "one.rbsm").read_bytes() == (program.cwd / "two.rbsm").read_bytes()


def test_signed_in_one_go(program: Program) -> None:
    make_project(program.cwd, HELLO)
    key = program("keys", "generate", "acme", "--json").json
    assert program("build", "--sign", "acme", "--json").json["key_id"] == key["key_id"]
    assert program("verify", "acme.hello-0.1.0.rbsm").status == 0


def test_nothing_is_written_when_it_cannot_be_built(program: Program) -> None:
    make_project(program.cwd, code="1 / 0\n")
    run = program("build")
    assert run.status == 1
    assert "✗ The plugin raised ZeroDivisionError: division by zero  [plugin.raised]" in run.err
    assert "at: acme_hello/__init__.py:1" in run.err
    assert not list(program.cwd.rglob("*.rbsm"))


def test_a_place_that_cannot_be_written_to_is_named(program: Program) -> None:
    make_project(program.cwd, HELLO)
    error = program("build", "--output", "nowhere/x.rbsm", "--json").json["error"]
    assert (error["code"], error["place"]) == ("file.refused", "nowhere/x.rbsm")


def test_nothing_is_written_when_it_cannot_be_signed(program: Program) -> None:
    make_project(program.cwd, HELLO)
    run = program("build", "--sign", "nobody")
    assert (run.status, "[keyring.no_such_key]" in run.err) == (1, True)
    assert not list(program.cwd.rglob("*.rbsm"))
