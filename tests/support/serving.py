"""The application as `rising-bsm serve` runs it, on a port of its own, with its first administrator."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support import warm
from support.program import START, clean_environment

EMAIL, PASSWORD = "boss@example.com", "correct horse battery staple"
ANSWERS = re.compile(r"answers at (\S+)")
SECONDS = 30


@dataclass(frozen=True)
class Served:
    """A running application: where it answers, and what it printed before."""

    url: str
    printed: str


@contextmanager
def serving(data: Path, *arguments: str, **env: str) -> Iterator[Served]:
    """The application on the data in `data`; it is told to end, and must, when the block is left."""
    process = subprocess.Popen(
        [*warm.command(START), "serve", "--data", str(data), "--port", "0", *arguments],
        env=clean_environment() | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield _wait(process)
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


def administrator() -> dict[str, str]:
    """The environment that makes EMAIL with PASSWORD the first administrator."""
    return {"RISING_BSM_ADMIN_EMAIL": EMAIL, "RISING_BSM_ADMIN_PASSWORD": PASSWORD}


def _wait(process: subprocess.Popen[str]) -> Served:
    printed = ""
    assert process.stdout is not None
    for line in process.stdout:
        printed += line
        if found := ANSWERS.search(line):
            return Served(found[1], printed)
    raise AssertionError(f"it ended with status {process.wait()}: {printed}")
