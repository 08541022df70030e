"""CHANGELOG.md: what an administrator reads before updating."""

import re
from collections.abc import Iterator

from rising_bsm.cli.validators.finding import Finding, Source

NAME = "CHANGELOG.md"


def check(source: Source, version: str) -> Iterator[Finding]:
    """There is a changelog and it has a heading for `version`."""
    path = source.root / NAME
    if not path.is_file():
        yield Finding("warning", "changelog.missing", "There is no changelog.", NAME, f"Start one with '## {version}'.")
    elif not re.search(rf"^#+.*(?<![\w.]){re.escape(version)}(?![\w.])", path.read_text("utf-8", "replace"), re.M):
        yield Finding(
            "warning",
            "changelog.version_missing",
            f"The changelog has no heading for version {version}.",
            NAME,
            f"Add '## {version}' and what changed.",
        )
    else:
        yield Finding("ok", "changelog", f"The changelog speaks of version {version}.")
