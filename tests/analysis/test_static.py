"""What can be said about a plugin's folder without running it."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rising_bsm.analysis import changelog, imports, readme, secrets
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

KEY = "-----BEGIN " + "PRIVATE KEY-----"


def make_source(
    code: str | bytes = "", *, documents: dict[str, bytes] | None = None, path: str = "src/acme/__init__.py"
) -> Source:
    return Source({path: code.encode() if isinstance(code, str) else code}, documents or {})


def documents(name: str, text: str | None) -> dict[str, bytes]:
    return {} if text is None else {name: text.encode()}


def said(findings: Iterable[Finding]) -> list[tuple[str, str, str | None]]:
    return [(finding.severity, finding.code, finding.place) for finding in findings]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "readme.missing"),
        ("", "readme.empty"),
        ("# Hello", "readme.empty"),
        ("# Hello\n\nIt greets you well.", "readme"),
    ],
)
def test_readme(text: str | None, code: str) -> None:
    source = make_source(documents=documents("README.md", text))
    assert [finding.code for finding in readme.check(source)] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "changelog.missing"),
        ("# Changelog\n\n## 1.2.3\n", "changelog"),
        ("# Changelog\n\n## [1.2.3] - 2026-01-01\n", "changelog"),
        ("# Changelog\n\n## 1.2.30\n", "changelog.version_missing"),
        ("# Changelog\n\n## 11.2.3\n", "changelog.version_missing"),
        ("# Changelog\n\n## 1x2x3\n", "changelog.version_missing"),
        ("# Changelog\n\nbefore 1.2.3\n", "changelog.version_missing"),
    ],
)
def test_changelog(text: str | None, code: str) -> None:
    source = make_source(documents=documents("CHANGELOG.md", text))
    assert [finding.code for finding in changelog.check(source, "1.2.3")] == [code]


@pytest.mark.parametrize(
    "line",
    [
        KEY,
        KEY.replace("BEGIN ", "BEGIN OPENSSH "),
        'TOKEN = "' + "rbsm_" + "a" * 32 + '"',
        "AK" + "IA" + "A" * 16,
        "gh" + "p_" + "a" * 36,
        "sk_" + "live_" + "a" * 24,
    ],
)
def test_secrets_by_their_shape(line: str) -> None:
    findings = secrets.check(make_source(f"x = 1\n# {line}\n"))
    assert said(findings) == [("error", "secrets.found", "src/acme/__init__.py:2")]


@pytest.mark.parametrize(
    "line", ['password = "hunter2hunter2"', "API_KEY: str = 'abcdefgh12'", 'db_secret=b"xxxxxxxx"']
)
def test_secrets_by_their_name(line: str) -> None:
    assert said(secrets.check(make_source(line))) == [("warning", "secrets.named", "src/acme/__init__.py:1")]


@pytest.mark.parametrize(
    "line", ['password = ""', "password = ask()", 'label = "A password is required"', 'secret = "a b c d e"']
)
def test_no_secrets(line: str) -> None:
    assert said(secrets.check(make_source(line))) == [("ok", "secrets", None)]


def test_a_secret_is_found_in_a_file_that_is_no_python() -> None:
    findings = secrets.check(make_source(b"\xff\xfe\n" + KEY.encode(), path="src/acme/key.txt"))
    assert said(findings) == [("error", "secrets.found", "src/acme/key.txt:2")]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import numpy", [("numpy", False)]),
        ("import numpy.linalg as la, os", [("numpy", False), ("os", False)]),
        ("from a.b import c", [("a", False)]),
        ("from . import c\nfrom .d import e", []),
        ("def f():\n    import late", [("late", False)]),
        ("try:\n    import fast\nexcept ImportError:\n    import slow", [("fast", True), ("slow", False)]),
        ("try:\n    import fast\nexcept (KeyError, ModuleNotFoundError):\n    pass", [("fast", True)]),
        ("try:\n    import fast\nexcept KeyError:\n    pass", [("fast", False)]),
        ("try:\n    import fast\nexcept:\n    pass", [("fast", True)]),
        ("if TYPE_CHECKING:\n    import types_only\nelse:\n    import real", [("real", False)]),
        ("if typing.TYPE_CHECKING:\n    import types_only", []),
        ("this is no python", []),
    ],
)
def test_what_is_imported(code: str, expected: list[tuple[str, bool]]) -> None:
    assert [(found.module, found.guarded) for found in imports.imported(make_source(code))] == expected


def test_imports_that_are_not_there() -> None:
    source = make_source("import os\nimport numpy\nimport acme\ntry:\n    import fast\nexcept ImportError:\n    pass\n")
    findings = list(imports.check(source, bundled={"acme"}, absent={"numpy", "acme", "fast"}))
    assert said(findings) == [
        ("error", "imports.missing", "src/acme/__init__.py:2"),
        ("warning", "imports.missing", "src/acme/__init__.py:5"),
    ]
    assert '"numpy"' in findings[0].message


def test_imports_that_are_all_there() -> None:
    assert said(imports.check(make_source("import os"), bundled=set(), absent=set())) == [("ok", "imports", None)]


def test_deeply_nested_code_is_read() -> None:
    assert said(imports.check(make_source("x = " + "+".join(["1"] * 900)), bundled=set(), absent=set()))[0][0] == "ok"


@given(st.binary())
def test_any_bytes_can_be_looked_at(content: bytes) -> None:
    source = make_source(content)
    assert list(imports.imported(source)) is not None
    assert list(secrets.check(source))
