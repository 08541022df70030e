"""The reference pages say what the program says."""

import ast
import re
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import rising_bsm_sdk
from rising_bsm import errors
from rising_bsm.business.appointments import Appointment
from rising_bsm.business.customers import Customer
from rising_bsm.business.entity import CODES
from rising_bsm.business.requests import ServiceRequest
from rising_bsm.sandbox.jail import Layer, Strength
from rising_bsm.web.settings import PREFIX
from support.docs import ROOT, page, pages

with warnings.catch_warnings():
    # What the web framework imports uses a decorator that SQLAlchemy deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tools.docs import pages as generated
    from tools.docs import sdk, ui

    from rising_bsm.web.errors import status_of

SOURCE = ROOT / "src" / "rising_bsm"
GUEST = SOURCE / "sandbox" / "guest" / "app"
CODE_ROW = re.compile(r"^\| ((?:`[a-z0-9_.]+`(?:, )?)+) \|", re.MULTILINE)
OF_BUNDLES = re.compile(r"(?:bundle|key|project)\.[a-z0-9_]+")


@pytest.mark.parametrize("name", ["host-api.md", "http.md", "marketplace.md", "sdk.md", "ui.md"])
def test_a_page_that_is_written_by_the_program_is_up_to_date(name: str) -> None:
    assert name in _generated()
    assert page(f"docs/reference/{name}").text == _generated()[name], "run `python -m tools.docs`"


@cache
def _generated() -> dict[str, str]:
    return dict(generated.pages())


def test_everything_of_the_sdk_is_on_its_page() -> None:
    listed = [name for names in sdk.CHAPTERS.values() for name in names]
    assert sorted([*listed, "ui"]) == sorted(rising_bsm_sdk.__all__)


def test_everything_of_the_ui_kit_is_on_its_page() -> None:
    listed = [name for _module, names in ui.CHAPTERS.values() for name in names]
    assert sorted([*listed, "Child", "Node"]) == sorted(rising_bsm_sdk.ui.__all__)


def test_every_error_code_is_listed_once_and_no_other() -> None:
    listed = _listed("docs/reference/errors.md")
    elsewhere = {code for code in _listed("docs/reference/bundle.md") if OF_BUNDLES.fullmatch(code)}
    assert len(listed) == len(set(listed))
    assert not elsewhere & set(listed)
    assert set(listed) | elsewhere == set(_raised()) | set(_found()) | set(_of_entities())


def _listed(name: str) -> list[str]:
    rows = CODE_ROW.findall(page(name).text)
    codes = [code for row in rows for code in re.findall(r"`([a-z0-9_.]+)`", row)]
    return codes + [code for _kind, code, _status in _kinds()] if name.endswith("errors.md") else codes


def _kinds() -> list[tuple[str, str, str]]:
    return re.findall(r"^\| `(\w+)` \| `([a-z_.]+)` \| (\d+) \|", page("docs/reference/errors.md").text, re.MULTILINE)


def test_the_kinds_of_errors_have_the_codes_and_statuses_of_the_page() -> None:
    said = {kind: (code, int(status)) for kind, code, status in _kinds()}
    kinds = [kind for kind in _errors() if kind.__module__ == errors.__name__]
    assert said == {kind.__name__: (kind.code, _status(kind)) for kind in kinds}


def test_a_status_that_is_said_of_a_code_is_the_one_it_gets() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| .*\((\d{3})\) \|$", page("docs/reference/errors.md").text, re.MULTILINE)
    statuses = {kind.code: _status(kind) for kind in _errors()}
    known = {code: int(status) for code, status in rows if code in statuses}
    assert {"plugin.method_not_allowed", "request.media_type", "rate_limited"} <= set(known)
    assert known == {code: statuses[code] for code in known}


def _errors(kind: type[errors.Error] = errors.Error) -> list[type[errors.Error]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _errors(child))]


def _status(kind: type[errors.Error]) -> int:
    return status_of(kind.__new__(kind))


def _raised() -> Iterator[str]:
    """Every code in the source: those of classes, those handed to errors, those in answers to a guest."""
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield from _of_class(node)
            elif isinstance(node, ast.keyword) and node.arg == "code":
                yield from _text(node.value)
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                yield from (text for key, value in pairs if list(_text(key)) == ["code"] for text in _text(value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and OF_BUNDLES.fullmatch(node.value):
                yield from _text(node)


def _of_class(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, ast.Assign | ast.AnnAssign):
            target = item.targets[0] if isinstance(item, ast.Assign) else item.target
            if isinstance(target, ast.Name) and target.id in ("code", "refusal"):
                yield from _text(item.value)


def _found() -> Iterator[str]:
    """The codes of what analyzers find wrong."""
    for tree in (*_trees("analysis"), *_trees("marketplace")):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                severity, code = node.args[:2]
                if list(_text(severity)) != ["ok"]:
                    yield from _text(code)


def _of_entities() -> Iterator[str]:
    """The codes that every kind of entity has, each under its own name."""
    yield from (f"{kind.noun.plural}.{code}" for kind in (Customer, Appointment, ServiceRequest) for code in CODES)


def _text(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


@cache
def _trees(room: str = "") -> list[ast.Module]:
    paths = (path for path in sorted((SOURCE / room).rglob("*.py")) if GUEST not in path.parents)
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


def test_codes_are_looked_for_in_every_way_they_are_written() -> None:
    raised, found = set(_raised()), set(_found())
    assert {"customers.invalid", "plugin.deadline", "host.not_now", "auth.csrf", "key.small_order"} <= raised
    assert {"readme.missing", "exports.none", "syntax", "loading.slow"} <= found
    assert "readme" not in found


def test_every_setting_is_in_the_table_and_no_other() -> None:
    text = (SOURCE / "web" / "settings.py").read_text(encoding="utf-8")
    table = ast.parse(text.partition("_VARIABLES: ")[2].partition(" = ")[2])
    read = {f"{PREFIX}{next(_text(entry.elts[0]))}" for entry in ast.walk(table) if isinstance(entry, ast.Tuple)}
    rows = re.findall(r"^\| `(RISING_BSM_\w+)` \|", page("docs/guide/operating.md").text, re.MULTILINE)
    assert len(read) > 5
    assert sorted(rows) == sorted(read)


def test_every_variable_that_is_named_is_read_somewhere() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for folder in ("src", "tests") for path in _python(folder))
    named = {name for one in pages() for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", one.text)}
    assert named
    assert {
        name for name in named if f'"{name}"' not in sources and f'"{name.removeprefix(PREFIX)}"' not in sources
    } == set()


def _python(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if path.name != "test_references.py"]


def test_every_layer_and_strength_of_the_jail_is_described() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", page("docs/guide/operating.md").text, re.MULTILINE)
    assert rows == [*Layer, *Strength]


def test_the_rooms_are_those_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    rooms = re.findall(r"\w+", " ".join(contract["layers"]))
    for name in ("docs/architecture.md", "docs/decisions/0002-linear-rooms.md"):
        block = next(one.text for one in page(name).blocks("text") if "business" in one.text)
        assert re.findall(r"\w+", " ".join(line.split("  ")[0] for line in block.splitlines())) == rooms
