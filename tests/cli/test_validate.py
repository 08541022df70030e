"""`rising-bsm validate`: each mistake gets its finding, all of them at once."""

from pathlib import Path
from typing import Any

import pytest

from support.author import CODE, make_project
from support.program import Program

HELLO = '@route("GET", "/hello")\ndef hello(self, ctx, request):\n    return {}'


def findings(program: Program, root: Path) -> list[dict[str, Any]]:
    run = program("validate", str(root), "--json")
    said = run.json
    assert said["valid"] is (run.status == 0)
    return list(said["findings"])


def wrong(program: Program, root: Path) -> list[tuple[str, str, str | None]]:
    return [(f["severity"], f["code"], f.get("place")) for f in findings(program, root) if f["severity"] != "ok"]


def test_a_good_plugin_has_nothing_but_ticks(program: Program) -> None:
    make_project(program.cwd, HELLO)
    run = program("validate")
    assert (run.status, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[-1] == "0 errors, 0 warnings"
    assert all(line.startswith("✓ ") for line in lines[:-2])
    assert "✓ It answers GET /hello." in lines


def test_a_bundle_is_looked_at_as_a_marketplace_does(program: Program) -> None:
    make_project(program.cwd, HELLO)
    assert program("build").status == 0
    [bundle] = program.cwd.glob("*.rbsm")
    run = program("validate", bundle.name)
    assert (run.status, run.out.splitlines()[-1]) == (0, "0 errors, 0 warnings"), run.out
    assert {"bait", "obfuscation", "exports"} <= {finding["code"] for finding in findings(program, bundle)}


def test_a_bundle_with_something_wrong_in_it(program: Program) -> None:
    make_project(program.cwd, HELLO.replace("return {}", "return eval(request.query['x'].encode().decode())"))
    assert program("build").status == 0
    [bundle] = program.cwd.glob("*.rbsm")
    assert ("error", "obfuscation.hidden_code") in [(severity, code) for severity, code, _ in wrong(program, bundle)]


def test_a_file_that_is_no_bundle(program: Program) -> None:
    (program.cwd / "acme.rbsm").write_bytes(b"PK nothing")
    run = program("validate", "acme.rbsm")
    assert (run.status, run.out) == (1, "")
    assert "[bundle." in run.err


def test_a_folder_without_a_plugin(program: Program) -> None:
    run = program("validate")
    assert (run.status, run.out) == (1, "")
    assert "[project.missing]" in run.err


def test_everything_wrong_with_pyproject_is_said_at_once(program: Program) -> None:
    root = make_project(program.cwd, HELLO)
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace('"acme"', '"Acme"').replace('type = "mixed"', 'typ = "mixed"'))
    (root / "README.md").unlink()
    found = findings(program, root)
    messages = " ".join(f["message"] for f in found if f["code"] == "project.keys")
    assert "publisher" in messages
    assert "typ " in messages
    assert "readme.missing" in {f["code"] for f in found}


def test_a_range_without_this_host(program: Program) -> None:
    make_project(program.cwd, HELLO, host=">=7")
    assert wrong(program, program.cwd) == [("error", "manifest.host", "pyproject.toml")]


@pytest.mark.parametrize("permission", ["customers.eat", "users.manage", "plugins.manage"])
def test_a_permission_that_no_plugin_can_have(program: Program, permission: str) -> None:
    make_project(program.cwd, HELLO, permissions=(permission,))
    assert wrong(program, program.cwd)[0] == ("error", "permissions.unknown", "pyproject.toml")


def test_a_reason_that_says_nothing(program: Program) -> None:
    reading = HELLO.replace("return {}", "return ctx.customers.count()")
    root = make_project(program.cwd, reading, permissions=("customers.read",))
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace("Needed by this test.", "because"))
    assert wrong(program, root) == [("warning", "permissions.reason", "pyproject.toml")]


def test_every_file_that_is_no_python(program: Program) -> None:
    root = make_project(program.cwd, code="def f(:\n    pass\n")
    (root / "src/acme_hello/other.py").write_text("x = 1\ny = )\n")
    assert wrong(program, root) == [
        ("error", "syntax", "src/acme_hello/__init__.py:1"),
        ("error", "syntax", "src/acme_hello/other.py:2"),
    ]


def test_a_public_route_that_is_not_asked_for(program: Program) -> None:
    body = HELLO.replace('"/hello"', '"/hello", public=True')
    root = make_project(program.cwd, body)
    missing = ("error", "exports.permission_not_requested", "src/acme_hello/__init__.py:6")
    assert wrong(program, root) == [missing]


def test_what_is_asked_for_and_not_used_and_what_is_used_and_not_asked_for(program: Program) -> None:
    body = HELLO.replace("return {}", "return ctx.users.list()")
    make_project(program.cwd, body, permissions=("customers.read",))
    assert wrong(program, program.cwd) == [
        ("error", "usage.not_asked", "src/acme_hello/__init__.py:7"),
        ("warning", "usage.not_used", "pyproject.toml"),
    ]


@pytest.mark.parametrize("part", ["permissions", "optional-permissions"])
def test_a_public_route_that_is_asked_for(program: Program, part: str) -> None:
    body = HELLO.replace('"/hello"', '"/hello", public=True')
    root = make_project(program.cwd, body, permissions=("routes.public",))
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace("permissions =", f"{part} ="))
    assert wrong(program, root) == []


def test_syntax_newer_than_this_python_is_fine(program: Program) -> None:
    code = CODE + '    @route("GET", "/x")\n    def x[T](self, ctx, request: T):\n        return f"{"a"}"\n'
    make_project(program.cwd, code=code)
    assert wrong(program, program.cwd) == []


def test_modules_that_the_sandbox_does_not_have(program: Program) -> None:
    code = "import numpy\nimport tkinter\nimport json\nimport acme_hello.extra\n" + CODE + "    pass\n"
    root = make_project(program.cwd, code=code)
    (root / "src/acme_hello/extra.py").write_text("")
    assert wrong(program, root)[:2] == [
        ("error", "imports.missing", "src/acme_hello/__init__.py:1"),
        ("error", "imports.missing", "src/acme_hello/__init__.py:2"),
    ]


def test_a_module_that_raises_while_it_is_imported(program: Program) -> None:
    make_project(program.cwd, code="\n\n1 / 0\n")
    assert wrong(program, program.cwd) == [("error", "plugin.raised", "src/acme_hello/__init__.py:3")]


def test_a_main_class_that_is_not_there(program: Program) -> None:
    make_project(program.cwd, code="x = 1\n")
    [(severity, code, _)] = wrong(program, program.cwd)
    assert (severity, code) == ("error", "plugin.raised")


def test_a_module_that_never_ends_to_be_imported(program: Program) -> None:
    make_project(program.cwd, code="while True:\n    pass\n")
    [(severity, code, _)] = wrong(program, program.cwd)
    assert (severity, code) in {("error", "plugin.out_of_fuel"), ("error", "plugin.deadline")}


def test_a_route_that_needs_what_is_not_asked_for(program: Program) -> None:
    body = '@route("GET", "/x", permission="customers.read")\ndef x(self, ctx, request):\n    return 1'
    make_project(program.cwd, body)
    assert wrong(program, program.cwd) == [
        ("error", "exports.permission_not_requested", "src/acme_hello/__init__.py:6")
    ]


def test_a_hook_that_needs_what_is_not_asked_for(program: Program) -> None:
    code = CODE + '    @before("customers.create")\n    def x(self, ctx, draft):\n        return draft\n'
    make_project(program.cwd, code=code)
    assert wrong(program, program.cwd) == [
        ("error", "exports.permission_not_requested", "src/acme_hello/__init__.py:6")
    ]


def test_two_routes_that_are_the_same(program: Program) -> None:
    body = "\n".join(f'@route("GET", "/x/{{{name}}}")\ndef {name}(self, ctx, request):\n    return 1' for name in "ab")
    make_project(program.cwd, body)
    assert wrong(program, program.cwd) == [("error", "exports.route_repeated", "src/acme_hello/__init__.py:6")]


def test_a_hook_that_does_not_exist(program: Program) -> None:
    make_project(program.cwd, '@before("customers.eat")\ndef x(self, ctx, draft):\n    return draft')
    assert wrong(program, program.cwd) == [("error", "exports.hook_unknown", "src/acme_hello/__init__.py:6")]


def test_nothing_at_all_to_answer(program: Program) -> None:
    make_project(program.cwd)
    assert wrong(program, program.cwd) == [("error", "exports.none", "acme_hello:Hello")]


def test_a_life_and_nothing_else_is_worth_a_warning(program: Program) -> None:
    make_project(program.cwd, "def on_activate(self, ctx):\n    ctx.log.info('up')")
    assert wrong(program, program.cwd) == [("warning", "exports.none", "acme_hello:Hello")]


def test_a_path_that_no_manifest_takes(program: Program) -> None:
    make_project(program.cwd, '@route("GET", "no slash")\ndef x(self, ctx, request):\n    return 1')
    [(severity, code, _)] = wrong(program, program.cwd)
    assert (severity, code) == ("error", "bundle.manifest")


def test_loading_that_takes_long_is_worth_a_warning(program: Program) -> None:
    make_project(program.cwd, code="import time\ntime.sleep(0.6)\n" + CODE + "    def on_install(self, ctx): ...\n")
    assert "loading.slow" in {code for _, code, _ in wrong(program, program.cwd)}


def test_what_a_plugin_says_never_acts_on_the_terminal(program: Program) -> None:
    make_project(program.cwd, code='raise ValueError("\\x1b[2J\\x1b]0;owned\\x07\\u202e")\n')
    run = program("validate")
    assert run.status == 1
    assert "\\x1b[2J" in run.out
    assert (run.out + run.err).replace("\n", "").isprintable()
