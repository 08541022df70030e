"""pyproject.toml: every wrong key with its sentence, and whether this version of the host is in range."""

from collections.abc import Iterator
from pathlib import Path

from rising_bsm import __version__
from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle.errors import ProjectError
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import PYPROJECT, Project, read_project
from rising_bsm.errors import InvalidInput


def read(root: Path) -> tuple[Project | None, list[Finding]]:
    """The project, or why it cannot be read; raises `ProjectError` (`project.missing`) where there is none."""
    try:
        return read_project(root), []
    except ProjectError as error:
        if error.code == "project.missing":
            raise
        return None, list(_refused(error))


def check(manifest: Manifest, place: str = PYPROJECT) -> Iterator[Finding]:
    """The manifest is complete, and the host range includes this host."""
    if manifest.supports(__version__):
        yield Finding("ok", "manifest", f"{manifest.id} {manifest.version} is described.")
        return
    yield Finding(
        "error",
        "manifest.host",
        f"The range {manifest.host} leaves out this host, {__version__}.",
        place,
        f'Write host = ">={__version__},<1" once the plugin works with it.',
    )


def _refused(error: InvalidInput) -> Iterator[Finding]:
    if not error.fields:
        yield Finding("error", error.code, error.message, error.place, error.next_step)
    for key, sentence in error.fields.items():
        yield Finding("error", error.code, f"{key} {sentence}.", PYPROJECT, error.next_step)
