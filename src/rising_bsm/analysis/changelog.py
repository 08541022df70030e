"""CHANGELOG.md: what an administrator reads before updating."""

import re
from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

NAME = "CHANGELOG.md"


def check(source: Source, version: str) -> Iterator[Finding]:
    """There is a changelog and it has a heading for `version`."""
    text = source.documents.get(NAME)
    if text is None:
        yield Finding("warning", "changelog.missing", "There is no changelog.", NAME, f"Start one with '## {version}'.")
    elif not re.search(rf"^#+.*(?<![\w.]){re.escape(version)}(?![\w.])", text.decode("utf-8", "replace"), re.M):
        yield Finding(
            "warning",
            "changelog.version_missing",
            f"The changelog has no heading for version {version}.",
            NAME,
            f"Add '## {version}' and what changed.",
        )
    else:
        yield Finding("ok", "changelog", f"The changelog speaks of version {version}.")
