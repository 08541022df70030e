"""`rising-bsm call`: one handler in the real sandbox, on a host in memory that refuses what a real one refuses."""

from typing import Any

from support.author import make_project
from support.program import Program, Run
from support.terminal import on_terminal

ESCAPES = "\\x1b[2J\\x1b]0;owned\\x07\\u202e\\x9b31m"


def call(program: Program, body: str, target: str, *more: str, permissions: tuple[str, ...] = ()) -> Run:
    if not (program.cwd / "pyproject.toml").exists():
        make_project(program.cwd, body, permissions=permissions)
    return program("call", ".", target, *more)


def called(program: Program, body: str, target: str, *more: str, permissions: tuple[str, ...] = ()) -> Any:
    return call(program, body, target, "--json", *more, permissions=permissions).json


def route(body: str, path: str = "/x", method: str = "GET", **parts: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f'@route("{method}", "{path}")\ndef x(self, ctx, request):\n{lines}'


def hook(body: str, point: str = "customers.create") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f'@before("{point}")\ndef x(self, ctx, draft):\n{lines}'


def test_what_create_makes_answers_at_once(program: Program) -> None:
    assert program("create", "acme.hello", "--type", "mixed", "--yes").status == 0
    run = program("call", ".", "GET /hello", "--json", cwd=program.cwd / "hello")
    assert run.status == 0
    body = {"greeting": "Hello, world!", "customers": 48, "visits": 1}
    assert run.json["result"] == {"status": 200, "headers": {}, "body": body}
    assert [asked["name"] for asked in run.json["host_calls"]] == ["customers.count", "storage.increment"]
    assert run.json["fuel"] > 0
    assert run.json["ms"] > 0


def test_the_same_for_people(program: Program) -> None:
    body = route(
        'print("hi")\nctx.log.warning("careful", n=1)\nreturn Response([ctx.customers.count()] * 2, status=201)'
    )
    run = call(program, body, "GET /x", permissions=("customers.read",))
    assert run.status == 0
    assert '"status": 201' in run.out
    assert "stdout  info  hi" in run.out
    assert "log  warning  careful  n=1" in run.out
    assert "2 host calls: log, customers.count" in run.out
    assert " fuel, " in run.out


def test_a_handler_of_an_event_for_people(program: Program) -> None:
    body = '@after("customers.update")\ndef x(self, ctx, event):\n    ctx.storage.set("phone", event.after["phone"])'
    run = call(program, body, "after customers.update", "--payload", '{"phone": "1"}')
    assert (run.status, run.err) == (0, "")
    assert run.out.startswith("null\n")
    assert "1 host call: storage.set" in run.out
    assert "It has after customers.update." in call(program, body, "schedule x").err


def test_a_bundle_is_called_like_the_folder_it_is_made_of(program: Program) -> None:
    make_project(program.cwd, route("return {'path': request.path}"))
    assert program("build", "--output", "x.rbsm").status == 0
    said = program("call", "x.rbsm", "GET /x", "--json").json
    assert said["result"]["body"] == {"path": "/x"}


def test_a_payload_from_a_file_and_from_standard_input(program: Program) -> None:
    make_project(program.cwd, route("return request.body", method="POST"))
    (program.cwd / "body.json").write_text('{"from": "file"}')
    assert program("call", ".", "POST /x", "--payload", "@body.json", "--json").json["result"]["body"] == {
        "from": "file"
    }
    said = program("call", ".", "POST /x", "--payload", "@-", "--json", stdin="[3]").json
    assert said["result"]["body"] == [3]


NETWORK = 'network = [{ url = "http://localhost:9/", reason = "Needed by this test." }]'


def test_the_network_is_asked_only_when_that_was_said(program: Program) -> None:
    body = route(
        "try:\n    ctx.http.fetch('GET', 'http://localhost:9/x')\nexcept HostError as error:\n    return error.code"
    )
    root = make_project(program.cwd, body)
    (root / "pyproject.toml").write_text((root / "pyproject.toml").read_text() + NETWORK)
    module = root / "src" / "acme_hello" / "__init__.py"
    module.write_text(module.read_text().replace("import Plugin", "import HostError, Plugin"))
    for more, code in ((), "call.no_network"), (("--allow-network",), "http.address_refused"):
        said = program("call", ".", "GET /x", "--json", *more).json
        assert said["result"]["body"] == code
        assert [(asked["name"], asked["refused"]) for asked in said["host_calls"]] == [("http.fetch", code)]
    assert "http.fetch GET http://localhost:9/x (call.no_network)" in program("call", ".", "GET /x").out


def test_a_refusal_names_the_field(program: Program) -> None:
    run = call(program, hook('raise Refuse("No phone, no customer", field="phone")'), "before customers.create")
    assert run.status == 1
    assert run.err.splitlines()[:2] == ["✗ No phone, no customer  [plugin.refused]", "  at: phone"]


def test_what_was_logged_before_it_failed_is_shown(program: Program) -> None:
    body = route('ctx.log.info("so far so good")\n1 / 0')
    run = call(program, body, "GET /x")
    assert (run.status, "so far so good" in run.out) == (1, True)
    said = called(program, body, "GET /x")
    assert [line["message"] for line in said["log"]] == ["so far so good"]
    assert said["error"]["code"] == "plugin.raised"


def test_what_a_plugin_says_never_acts_on_the_terminal(program: Program) -> None:
    body = route(
        f'print("{ESCAPES}")\nctx.log.info("{ESCAPES}", **{{"{ESCAPES}": "{ESCAPES}"}})\n'
        f'if request.query: raise Refuse("{ESCAPES}", field="{ESCAPES}")\nreturn {{"{ESCAPES}": "{ESCAPES}"}}'
    )
    for more in (["GET /x"], ["GET /x?refuse=1"], ["GET /x", "--json"]):
        run = call(program, body, *more)
        assert (run.out + run.err).replace("\n", "").isprintable()
        assert "owned" in run.out


def test_nothing_to_call(program: Program) -> None:
    assert "[project.missing]" in program("call", ".", "GET /x").err
    assert "[cli.no_such_bundle]" in program("call", "gone.rbsm", "GET /x").err


def test_an_interrupt_ends_it_quietly(program: Program) -> None:
    make_project(program.cwd, route("import time; time.sleep(25)"))
    with on_terminal(program, "call", ".", "GET /x") as terminal:
        terminal.read_until("Running the plugin in the sandbox")
        assert terminal.interrupt() == 130
    assert "Traceback" not in terminal.shown
