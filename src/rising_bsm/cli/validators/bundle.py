"""The bundle: what was found so far can be packed into one."""

from collections.abc import Iterator

from rising_bsm.cli.author import Loaded
from rising_bsm.cli.terminal import plural, size
from rising_bsm.cli.validators.finding import Finding


def check(loaded: Loaded) -> Iterator[Finding]:
    """The plugin makes a bundle; raises `BundleError` when it does not."""
    packed = loaded.pack()
    yield Finding("ok", "bundle", f"It makes a bundle of {plural(len(loaded.files) + 1, 'file')}, {size(len(packed))}.")
