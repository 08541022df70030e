"""Everything that is looked for in a submitted bundle: in its text, in the sandbox, and on bait."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from rising_bsm.analysis import bait, exports, loading, syntax
from rising_bsm.analysis.apart import look_apart
from rising_bsm.analysis.everything import HOOKS, Surroundings, refusal
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.loaded import Loaded, compile_code, load
from rising_bsm.analysis.source import Source
from rising_bsm.bundle import Manifest, UnverifiedBundle, open_unsigned
from rising_bsm.bundle.layout import CODE, MANIFEST
from rising_bsm.errors import Busy, Error
from rising_bsm.sandbox import Pool


async def scan(pool: Pool, data: bytes, surroundings: Surroundings) -> list[Finding]:
    """The findings about a bundle whose signature was checked; what runs, runs when nobody else wants to.

    Raises BundleError, PoolBusy.
    """
    found = await look_apart(data, surroundings)
    bundle = await asyncio.to_thread(open_unsigned, data)
    # Where things are is enough here: nothing of a stranger's code is parsed in this process.
    source = Source({name: b"" for name in bundle.files if name.startswith(CODE)}, below=CODE, manifest=MANIFEST)
    loaded = await _loaded(pool, bundle)
    if isinstance(loaded, Error):
        return [*found, *syntax.check(source, loaded)]
    answers = list(_answering(source, loaded))
    found += answers
    if any(finding.severity == "error" for finding in answers):
        return found
    try:
        return found + await bait.run(pool, loaded, source, background=True)
    except Busy:
        raise
    except Error as error:
        return [*found, refusal(error, source)]


async def _loaded(pool: Pool, bundle: UnverifiedBundle) -> Loaded | Error:
    try:
        code = await compile_code(pool, bundle.manifest, bundle.files, background=True)
        return await load(pool, bundle.manifest, bundle.files, code, background=True)
    except Busy:
        raise
    except Error as error:
        return error


def _answering(source: Source, loaded: Loaded) -> Iterator[Finding]:
    yield from loading.check(loaded.load_seconds)
    yield from exports.check(source, loaded.draft, loaded.exports, HOOKS)
    yield from _different(loaded.draft, loaded.exports)


def _different(manifest: Manifest, exported: Mapping[str, Any]) -> Iterator[Finding]:
    """The class answers to what the manifest says it does."""
    try:
        same = manifest.with_exports(exported).exports == manifest.exports
    except Error:
        same = False
    if not same:
        message = "The class does not answer to what its manifest says."
        yield Finding("error", "exports.differ", message, MANIFEST, "Build the bundle again.")
