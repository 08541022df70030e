"""README.md: what an administrator reads before installing."""

from collections.abc import Iterator

from rising_bsm.cli.validators.finding import Finding, Source

NAME = "README.md"


def check(source: Source) -> Iterator[Finding]:
    """There is a README and it says something."""
    path = source.root / NAME
    if not path.is_file():
        yield Finding("warning", "readme.missing", "There is no README.", NAME, "Say what the plugin does.")
    elif len(path.read_text("utf-8", "replace").split()) < 5:
        yield Finding("warning", "readme.empty", "The README says nothing.", NAME, "Say what the plugin does.")
    else:
        yield Finding("ok", "readme", "The README is there.")
