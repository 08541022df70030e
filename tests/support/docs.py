"""The pages of this repository, read as what they promise: links, files, commands, examples."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
ROOMS = ("*.md", "docs/**/*.md", "sdk/*.md", "examples/*/*.md")


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """One page; `prose` is what is outside of fences."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def prose(self) -> str:
        return FENCE.sub("", self.text)

    def blocks(self, *languages: str) -> list[Block]:
        """The fenced blocks, or those of some languages, in their order."""
        found = [Block(language, text) for _, language, text in FENCE.findall(self.text)]
        return [block for block in found if not languages or block.language in languages]

    def links(self) -> list[str]:
        return LINK.findall(CODE.sub("", self.prose))

    def inline_code(self) -> list[str]:
        return CODE.findall(self.prose)

    def anchors(self) -> set[str]:
        """The names of its headings, as links spell them."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(self.prose)}


@cache
def page(name: str) -> Page:
    """The page at a path from the top of the repository."""
    return Page(ROOT / name, (ROOT / name).read_text(encoding="utf-8"))


def pages() -> list[Page]:
    """Every page that people read."""
    return [page(str(path.relative_to(ROOT))) for room in ROOMS for path in sorted(ROOT.glob(room))]


def commands(block: Block) -> Iterator[list[str]]:
    """The lines of a block that call a program, as words; what stands after # and in front of $ is left out."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if block.language == "console" and not line.startswith("$ "):
            continue
        if words := shlex.split(line.removeprefix("$ "), comments=True):
            yield words
