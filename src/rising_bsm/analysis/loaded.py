"""A plugin in the sandbox: compiled, imported, and its exports read off its class."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from rising_bsm.bundle.build import pack
from rising_bsm.bundle.layout import CODE
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.errors import Failed
from rising_bsm.sandbox import Limits, PluginCode, Pool

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


async def compile_code(
    pool: Pool, draft: Manifest, files: Mapping[str, bytes], *, background: bool = False
) -> PluginCode:
    """The plugin's modules as the sandbox's bytecode; raises for the first file that does not compile."""
    sources = {name.removeprefix(CODE): content for name, content in files.items() if name.startswith(CODE)}
    memory = draft.resources.memory_mib * MIB
    resident = draft.resources.resident
    return await pool.compile(sources, draft.main, memory_bytes=memory, resident=resident, background=background)


async def load(
    pool: Pool, draft: Manifest, files: Mapping[str, bytes], code: PluginCode, *, background: bool = False
) -> Loaded:
    """Import the plugin in the sandbox and read the exports off its class; raises what becomes of that."""
    start = time.perf_counter()
    exports = await pool.describe(code, background=background)
    return Loaded(draft, files, code, exports, time.perf_counter() - start)


async def absent_modules(pool: Pool, names: Collection[str], *, background: bool = False) -> set[str]:
    """Those of the top-level module names that the sandbox's own Python does not have."""
    code = await pool.compile({"probe.py": PROBE}, "probe:Probe", background=background)
    request = {"method": "POST", "path": "/", "params": {}, "query": {}, "headers": {}, "body": sorted(names)}
    context = {"plugin": {"id": "rising-bsm.probe", "version": "0.0.0"}}
    call = {"op": "route", "handler": "absent", "request": request, "context": context}
    outcome = await pool.call(code, call, host=_no_host, limits=Limits(), background=background)
    return set(outcome.value["body"])


async def _no_host(name: str, _payload: Any) -> Any:
    raise Failed(f"There is no host to ask for {name}.")
