"""Whatever a page points at is there."""

import re
from pathlib import Path

import pytest

from support.docs import ROOT, Page, page, pages

PAGES = pages()
IDS = [one.name for one in PAGES]
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.(?:py|wit)|(?:src|tests|docs|sdk|tools|examples|bench)/(?:[\w.-]+/)*")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
OF_THE_READER = {"src/acme_welcome/__init__.py"}


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_link_leads_somewhere(one: Page) -> None:
    for link in one.links():
        target, _, anchor = link.partition("#")
        if re.match(r"https?://", target):
            continue
        path = (one.path.parent / target).resolve() if target else one.path
        assert path.exists(), f"{one.name} links to {link}"
        if anchor:
            assert anchor in page(str(path.relative_to(ROOT))).anchors(), f"{one.name} links to {link}"


@pytest.mark.parametrize("one", PAGES, ids=IDS)
def test_every_file_that_is_named_exists(one: Page) -> None:
    known = {str(path.relative_to(ROOT)) for folder in ("src", "sdk", "tests", "tools") for path in _files(folder)}
    for name in one.inline_code():
        if FILE.fullmatch(name) and name not in OF_THE_READER:
            assert (ROOT / name).exists() or any(path.endswith(f"/{name}") for path in known), f"{one.name}: {name}"


def _files(folder: str) -> list[Path]:
    return [path for suffix in ("py", "wit") for path in (ROOT / folder).rglob(f"*.{suffix}")]


def test_every_test_that_is_named_exists() -> None:
    named = {(one.name, *found) for one in PAGES for code in one.inline_code() for found in TEST.findall(code)}
    assert len(named) > 50
    for where, path, test in named:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{where}: {path}::{test}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        links = (link.partition("#")[0] for link in page(str(path.relative_to(ROOT))).links())
        waiting += [(path.parent / link).resolve() for link in links if link and not link.startswith("http")]
    assert {one.path for one in PAGES if "examples/" not in one.name} <= reached


def test_decisions_are_short_and_have_three_parts() -> None:
    records = [one for one in PAGES if re.fullmatch(r"docs/decisions/\d{4}-[a-z-]+\.md", one.name)]
    assert [one.path.name[:4] for one in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for one in records:
        assert len(one.text.splitlines()) < 70
        assert re.findall(r"^## (\w+)", one.text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert one.text.startswith(f"# {one.path.name[:4]}: ")


def test_pictures_show_in_the_light_and_in_the_dark() -> None:
    for path in sorted((ROOT / "docs/images").glob("*.svg")):
        picture = path.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in picture
        assert "<title" in picture
        assert not re.search(r"<script|href=|url\(http", picture)
