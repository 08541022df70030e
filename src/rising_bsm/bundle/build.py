"""Putting a bundle together."""

from collections.abc import Iterable, Mapping

from rising_bsm.bundle.archive import write_archive
from rising_bsm.bundle.contents import check_files
from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.layout import CODE, MANIFEST
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import Project
from rising_bsm.bundle.vendor import vendor


def assemble(project: Project) -> dict[str, bytes]:
    """The files of a plugin and of all it depends on, named as in the bundle; `BundleError` where two have one name."""
    vendored = vendor(project.dependencies)
    if twice := _modules(project.files) & _modules(vendored):
        raise BundleError(
            f"The plugin and a dependency of it both have a module {min(twice)!r}.",
            code="bundle.module_twice",
            place=CODE + min(twice),
            next_step="Rename the plugin's module.",
        )
    return {**project.files, **vendored}


def _modules(names: Iterable[str]) -> set[str]:
    return {name.removeprefix(CODE).split("/")[0].removesuffix(".py") for name in names if name.startswith(CODE)}


def pack(manifest: Manifest, files: Mapping[str, bytes], limits: BundleLimits = DEFAULT_LIMITS) -> bytes:
    """The unsigned bundle of a plugin; `files` are named as in the bundle (code/…, ui/…, README.md, …).

    Raises `BundleError` for files that do not make a bundle. Equal arguments make equal bytes.
    """
    contents = {**files, MANIFEST: manifest.to_bytes()}
    check_files(contents, limits)
    return write_archive(contents, limits)
