"""README.md: what an administrator reads before installing."""

from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

NAME = "README.md"


def check(source: Source) -> Iterator[Finding]:
    """There is a README and it says something."""
    text = source.documents.get(NAME)
    if text is None:
        yield Finding("warning", "readme.missing", "There is no README.", NAME, "Say what the plugin does.")
    elif len(text.decode("utf-8", "replace").split()) < 5:
        yield Finding("warning", "readme.empty", "The README says nothing.", NAME, "Say what the plugin does.")
    else:
        yield Finding("ok", "readme", "The README is there.")
