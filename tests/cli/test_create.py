"""`rising-bsm create`: what it writes, what it asks, what it refuses."""

import ast
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.cli.ids import ID, parse_id
from rising_bsm.cli.scaffold import KINDS, NewPlugin, scaffold
from rising_bsm.errors import InvalidInput
from support.program import Program

PART = r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8})?"


def make_plugin(**changes: str) -> NewPlugin:
    values = {"publisher": "acme", "name": "hello", "type": "mixed", "display_name": "Hello", "description": "Says it."}
    return NewPlugin(**(values | changes))


def test_it_makes_the_folder_and_says_what_to_do_next(program: Program) -> None:
    run = program("create", "acme.hello", "--yes")
    assert (run.status, run.err) == (0, "")
    made = {str(path.relative_to(program.cwd)) for path in program.cwd.rglob("*") if path.is_file()}
    assert made == {
        f"hello/{name}"
        for name in ("pyproject.toml", "README.md", "CHANGELOG.md", ".gitignore", "src/acme_hello/__init__.py")
    }
    assert 'rising-bsm call . "GET /hello"' in run.out


def test_it_asks_where_nothing_was_said(program: Program) -> None:
    run = program("create", "acme.hello", stdin="api\nHallo\n\n")
    assert run.status == 0
    project = tomllib.loads((program.cwd / "hello" / "pyproject.toml").read_text())
    assert project["tool"]["rising-bsm"]["type"] == "api"
    assert project["tool"]["rising-bsm"]["display-name"] == "Hallo"


def test_options_answer_every_question(program: Program) -> None:
    flags = ["--type", "automation", "--display-name", "Hallo", "--description", "Sagt es.", "--folder", "a/b"]
    run = program("create", "acme.hello", *flags)
    assert run.status == 0
    project = tomllib.loads((program.cwd / "a" / "b" / "pyproject.toml").read_text())
    assert project["project"]["description"] == "Sagt es."


def test_nobody_there_to_answer(program: Program) -> None:
    run = program("create", "acme.hello")
    assert run.status == 1
    assert "[cli.no_answer]" in run.err
    assert "--type or --yes" in run.err
    assert not (program.cwd / "hello").exists()


def test_a_type_that_there_is_not_is_refused_with_those_that_there_are(program: Program) -> None:
    run = program("create", "acme.hello", "--type", "game", "--yes")
    assert run.status == 1
    assert 'There is no type "game".' in run.err
    assert "api, automation, ui, mixed" in run.err


@pytest.mark.parametrize(("kind", "component"), [("ui", "notes"), ("mixed", "widget")])
def test_what_it_makes_shows_something(program: Program, kind: str, component: str) -> None:
    assert program("create", "acme.hello", "--type", kind, "--yes").status == 0
    run = program("call", "hello", f"component {component}", "--json")
    assert (run.status, run.err) == (0, "")
    assert run.json["result"][0]["type"] in ("Page", "Stat")


def test_it_never_writes_into_a_folder_that_has_something(program: Program) -> None:
    mine = program.cwd / "hello" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    run = program("create", "acme.hello", "--yes")
    assert run.status == 1
    assert "[create.folder_not_empty]" in run.err
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(program: Program) -> None:
    (program.cwd / "hello").mkdir()
    assert program("create", "acme.hello", "--yes").status == 0


@pytest.mark.parametrize(
    "plugin_id",
    ["", "acme", "acme.", ".hello", "acme.hello.x", "Acme.hello", "acme.1hello", "acme.he--llo", "acme.hello-",
     "../acme.hello", "acme.hello\n", f"acme.{'a' * 41}", "acme.hellö"],
)  # fmt: skip
def test_what_is_no_id(plugin_id: str) -> None:
    with pytest.raises(InvalidInput):
        parse_id(plugin_id)


@given(st.from_regex(ID, fullmatch=True))
def test_what_is_an_id_is_two_parts(plugin_id: str) -> None:
    if max(map(len, plugin_id.split("."))) <= 40:
        assert ".".join(parse_id(plugin_id)) == plugin_id


@given(
    publisher=st.from_regex(PART, fullmatch=True),
    name=st.from_regex(PART, fullmatch=True),
    type=st.sampled_from(sorted(KINDS)),
    display_name=st.text().filter(str.isprintable),
    description=st.text().filter(str.isprintable),
)
def test_whatever_it_is_called_the_files_can_be_read(**values: str) -> None:
    files = scaffold(make_plugin(**values))
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"]["description"] == values["description"]
    assert project["tool"]["rising-bsm"]["display-name"] == values["display_name"]
    package, class_name = project["tool"]["rising-bsm"]["main"].split(":")
    tree = ast.parse(files[f"src/{package}/__init__.py"])
    assert class_name in {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("field", ["display_name", "description"])
def test_text_of_several_lines_is_refused(field: str) -> None:
    with pytest.raises(InvalidInput, match="line break"):
        scaffold(make_plugin(**{field: 'x"\n[project]\nname = "y'}))


@pytest.mark.parametrize(("publisher", "name"), [("rising", "bsm-sdk"), ("sre", "compile")])
def test_a_package_never_has_the_name_of_a_module_that_is_there(publisher: str, name: str) -> None:
    assert make_plugin(publisher=publisher, name=name).package.endswith("_plugin")


def test_every_kind_has_its_template() -> None:
    templates = Path(__file__).parents[2] / "src/rising_bsm/cli/templates"
    kinds = {path.name.removesuffix(".py.txt") for path in templates.glob("*.py.txt")}
    assert kinds == set(KINDS)
