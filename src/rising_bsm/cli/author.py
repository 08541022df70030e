"""From an author's folder, or a bundle, to a plugin that runs in the sandbox; shared by validate, build and call."""

import os
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rising_bsm.bundle.build import pack
from rising_bsm.bundle.layout import CODE
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import Project, read_project
from rising_bsm.bundle.vendor import vendor
from rising_bsm.bundle.verify import open_unsigned
from rising_bsm.cli.files import read_bundle_file
from rising_bsm.cli.terminal import note, plural, progress
from rising_bsm.errors import Failed
from rising_bsm.sandbox import Limits, PluginCode, Pool, PoolSettings
from rising_bsm.sandbox.cache import default_directory, open_compiled
from rising_bsm.sandbox.jail import Strength

MIB = 1024 * 1024
PROBE = b"""\
from importlib.util import find_spec
from rising_bsm_sdk import Plugin, route

class Probe(Plugin):
    @route("POST", "/")
    def absent(self, ctx, request):
        return [name for name in request.body if find_spec(name) is None]
"""


@dataclass(frozen=True)
class Loaded:
    """A plugin that was compiled and looked at in the sandbox; `files` are named as in a bundle."""

    draft: Manifest
    files: Mapping[str, bytes] = field(repr=False)
    code: PluginCode = field(repr=False)
    exports: Mapping[str, Any]
    load_seconds: float

    @property
    def manifest(self) -> Manifest:
        """The manifest with the exports of the running class; raises `BundleError` when these are not valid."""
        return self.draft.with_exports(self.exports)

    def pack(self) -> bytes:
        """The unsigned bundle."""
        return pack(self.manifest, self.files)


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


async def compile_code(pool: Pool, draft: Manifest, files: Mapping[str, bytes]) -> PluginCode:
    """The plugin's modules as the sandbox's bytecode; raises for the first file that does not compile."""
    sources = {name.removeprefix(CODE): content for name, content in files.items() if name.startswith(CODE)}
    memory = draft.resources.memory_mib * MIB
    return await pool.compile(sources, draft.main, memory_bytes=memory, resident=draft.resources.resident)


async def load(pool: Pool, draft: Manifest, files: Mapping[str, bytes], code: PluginCode) -> Loaded:
    """Import the plugin in the sandbox and read the exports off its class; raises what becomes of that."""
    start = time.perf_counter()
    exports = await pool.describe(code)
    return Loaded(draft, files, code, exports, time.perf_counter() - start)


def read_path(path: Path) -> tuple[Manifest, Mapping[str, bytes]]:
    """Manifest and files of the plugin in a folder, or in the bundle that `path` is; dependencies included."""
    if path.is_dir():
        project = read_project(path)
        return project.manifest_draft, with_dependencies(project)
    bundle = open_unsigned(read_bundle_file(path))
    return bundle.manifest, bundle.files


async def absent_modules(pool: Pool, names: Collection[str]) -> set[str]:
    """Those of the top-level module names that the sandbox's own Python does not have."""
    code = await pool.compile({"probe.py": PROBE}, "probe:Probe")
    request = {"method": "POST", "path": "/", "params": {}, "query": {}, "headers": {}, "body": sorted(names)}
    context = {"plugin": {"id": "rising-bsm.probe", "version": "0.0.0"}}
    call = {"op": "route", "handler": "absent", "request": request, "context": context}
    outcome = await pool.call(code, call, host=_no_host, limits=Limits())
    return set(outcome.value["body"])


async def _no_host(name: str, _payload: Any) -> Any:
    raise Failed(f"There is no host to ask for {name}.")
