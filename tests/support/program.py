"""The program `rising-bsm`, run as people run it: in a process of its own with a configuration folder of its own.

Most runs begin with the program imported already, as `support.warm` says; `python` begins with nothing.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import warm

ROOT = Path(__file__).parents[2]
START = "from rising_bsm.cli import main; main()"


@dataclass(frozen=True)
class Run:
    """How one run ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """The program in the folder `cwd`, with its keys and tokens in `config`."""

    cwd: Path
    config: Path

    def __call__(self, *arguments: str, stdin: str = "", cwd: Path | None = None, **env: str) -> Run:
        return self._run(warm.command(START), *arguments, stdin=stdin, cwd=cwd, **env)

    def python(self, code: str, *arguments: str, stdin: str = "", cwd: Path | None = None, **env: str) -> Run:
        """Any other code in the same surroundings."""
        return self._run([sys.executable, "-c", code], *arguments, stdin=stdin, cwd=cwd, **env)

    def _run(self, command: list[str], *arguments: str, stdin: str, cwd: Path | None, **env: str) -> Run:
        done = subprocess.run(
            [*command, *arguments],
            input=stdin,
            cwd=cwd or self.cwd,
            env=clean_environment() | {"RISING_BSM_CONFIG": str(self.config), **env},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)


def clean_environment() -> dict[str, str]:
    """This process's environment with our sources, and without anything that steers the program."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "sdk" / "src")])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RISING_BSM_")}
    return kept | {"PYTHONPATH": path}
