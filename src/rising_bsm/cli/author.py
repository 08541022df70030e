"""From an author's folder, or a bundle, to a plugin that runs in the sandbox; shared by validate, build and call."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import Project, read_project
from rising_bsm.bundle.vendor import vendor
from rising_bsm.bundle.verify import open_unsigned
from rising_bsm.cli.files import read_bundle_file
from rising_bsm.cli.terminal import note, plural, progress
from rising_bsm.sandbox import Pool, PoolSettings
from rising_bsm.sandbox.cache import default_directory, open_compiled
from rising_bsm.sandbox.jail import Strength


@asynccontextmanager
async def sandbox() -> AsyncIterator[Pool]:
    """A pool of one worker, for one command; the first on a machine compiles the guest and says so.

    It takes whatever jail the machine allows: the author's machine runs no strangers' calls side by side.
    """
    guest = open_compiled(default_directory(), report=note)
    try:
        async with Pool(guest, PoolSettings(workers=1, minimum=Strength.NONE)) as pool:
            yield pool
    finally:
        os.close(guest)


def with_dependencies(project: Project) -> dict[str, bytes]:
    """The project's files and those of what it depends on, fetched by pip."""
    if not project.dependencies:
        return dict(project.files)
    with progress(f"Fetching {plural(len(project.dependencies), 'dependency', 'dependencies')}"):
        return {**vendor(project.dependencies), **project.files}


def read_path(path: Path) -> tuple[Manifest, Mapping[str, bytes]]:
    """Manifest and files of the plugin in a folder, or in the bundle that `path` is; dependencies included."""
    if path.is_dir():
        project = read_project(path)
        return project.manifest_draft, with_dependencies(project)
    bundle = open_unsigned(read_bundle_file(path))
    return bundle.manifest, bundle.files
