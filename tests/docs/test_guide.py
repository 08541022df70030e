"""The README and the guide, done as they are written."""

import json
import os
import shlex
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from support.docs import Block, commands, page
from support.program import Program, Run
from support.serving import serving

README = page("README.md")
GUIDE = page("docs/guide/first-plugin.md")
MODULE = "src/acme_welcome/__init__.py"
EMAIL, PASSWORD = "admin@rising-bsm.example", "correct horse battery staple"
LOCAL = "http://127.0.0.1:8000"


class Reader:
    """Somebody who types what a page says, one command after the other."""

    def __init__(self, program: Program, url: str = LOCAL) -> None:
        self._program, self._url = program, url
        self.folder = program.cwd

    def types(self, words: list[str]) -> Run | None:
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            return None
        assert words[0] == "rising-bsm"
        arguments = [word.replace(LOCAL, self._url) for word in words[1:]] + (
            ["--yes"] if words[1] == "install" else []
        )
        env = {"RISING_BSM_URL": self._url, "RISING_BSM_PASSWORD": PASSWORD}
        return self._program(*arguments, cwd=self.folder, **env)

    def follows(self, block: Block) -> list[Run]:
        runs = [run for words in commands(block) if (run := self.types(words)) is not None]
        for run in runs:
            assert run.status in (0, 1), run.err
        return runs


def test_what_the_readme_says_about_writing_ones_own_works(program: Program) -> None:
    block = next(one for one in README.blocks("sh") if "create" in one.text)
    runs = Reader(program).follows(block)
    assert [run.status for run in runs] == [0] * len(runs), [run.err for run in runs]
    assert runs[-1].json["result"]["body"]["customers"] == 48


def test_the_guide_works_from_the_first_line_to_the_last(program: Program, tmp_path: Path) -> None:
    first = {"RISING_BSM_ADMIN_EMAIL": EMAIL, "RISING_BSM_ADMIN_PASSWORD": PASSWORD}
    with serving(tmp_path / "data", "--demo", **first) as served:
        reader = Reader(program, served.url)
        blocks = GUIDE.blocks()
        _author(reader, blocks)
        shutil.copy(program.config / "keys" / "acme.pub", reader.folder)
        _administrator(reader, blocks)
        refused, stored, answered = _person(blocks, served.url, tmp_path)
        (uninstall,) = blocks_with(blocks, "rising-bsm uninstall")
        assert [run.status for run in reader.follows(uninstall)] == [0]
    assert refused == json.loads(blocks_with(blocks, '"plugin.refused"')[0].text)
    assert (stored["name"], stored["status"]) == ("Ada Abel", "lead")
    assert answered == {"welcomed": 1, "customers": 49}


def blocks_with(blocks: list[Block], text: str) -> list[Block]:
    return [block for block in blocks if text in block.text and block.language in ("console", "json")]


def _author(reader: Reader, blocks: list[Block]) -> None:
    end = next(number for number, block in enumerate(blocks) if "rising-bsm login" in block.text)
    for block, after in pairwise(blocks[: end + 1]):
        if block.language == "python":
            (reader.folder / MODULE).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            _check(reader.follows(block), after)


def _check(runs: list[Run], after: Block) -> None:
    """The last command printed what the page shows after it; all others ended well."""
    assert [run.err for run in runs[:-1] if run.status] == []
    last = runs[-1]
    if after.language == "json":
        printed = json.JSONDecoder().raw_decode(last.out)[0]
        assert json.loads(after.text).items() <= printed.get("body", printed).items()
    elif after.language == "text":
        assert (last.status, last.err) == (1, after.text)
    else:
        assert last.status == 0, last.err


def _administrator(reader: Reader, blocks: list[Block]) -> None:
    (block,) = blocks_with(blocks, "rising-bsm login")
    runs = reader.follows(block)
    assert [run.err for run in runs if run.status] == []
    assert "acme.welcome" in runs[-1].out
    assert "active" in runs[-1].out


def _person(blocks: list[Block], url: str, folder: Path) -> list[Any]:
    """What the pages' calls of curl answer after signing in."""
    lines = [line for block in blocks if block.language == "sh" for line in block.text.splitlines() if "curl" in line]
    env = {"BSM": url, "JSON": "Content-Type: application/json", "PATH": os.environ["PATH"]}
    sign_in = _curl(lines[0].replace('"..."', json.dumps(PASSWORD)), folder, env)
    env["CSRF"] = f"X-CSRF-Token: {sign_in['csrf_token']}"
    return [_curl(line, folder, env) for line in lines[1:]]


def _curl(line: str, folder: Path, env: dict[str, str]) -> Any:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    assert shlex.split(line)[0] == "curl"
    done = subprocess.run(["sh", "-c", line], cwd=folder, env=env, capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)
