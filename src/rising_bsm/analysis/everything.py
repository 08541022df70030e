"""All analyzers in order: what needs no manifest, what needs one, what needs the running class.

For an author's folder all of them run here; for a bundle, `scan.scan` runs the same ones apart from this process.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from rising_bsm.accounts.permissions import PEOPLE_ONLY, PERMISSIONS
from rising_bsm.analysis import (
    bundle,
    changelog,
    exports,
    imports,
    loading,
    manifest,
    names,
    network,
    obfuscation,
    permissions,
    readme,
    secrets,
    size,
    syntax,
    usage,
    vulnerable,
)
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.loaded import Loaded, absent_modules, compile_code, load
from rising_bsm.analysis.names import Neighbour
from rising_bsm.analysis.source import Source, read_source
from rising_bsm.bundle.layout import CODE
from rising_bsm.bundle.manifest import HookName, Manifest
from rising_bsm.bundle.project import Project
from rising_bsm.errors import Error
from rising_bsm.sandbox import PluginCode, Pool

HOOKS = frozenset(get_args(HookName))
OpenPool = Callable[[], AbstractAsyncContextManager[Pool]]
Fetch = Callable[[Project], Mapping[str, bytes]]


@dataclass(frozen=True)
class Surroundings:
    """What a plugin is compared with: those of others in the catalogue, and the size of its last version in bytes."""

    neighbours: Sequence[Neighbour] = ()
    size_before: int | None = None


ALONE = Surroundings()


async def check_folder(path: Path, open_pool: OpenPool, fetch: Fetch) -> list[Finding]:
    """Everything there is to say about the plugin in the folder `path`; raises if there is none.

    `fetch` gives the project's files together with those of its dependencies.
    """
    source = read_source(path)
    project, findings = manifest.read(path)
    if project is None:
        return [*findings, *readme.check(source), *secrets.check(source)]
    findings += look_at(project.manifest_draft, source, project.files)
    async with open_pool() as pool:
        return findings + [finding async for finding in _running(pool, project, source, fetch)]


def look_at(
    draft: Manifest, source: Source, files: Mapping[str, bytes], surroundings: Surroundings = ALONE
) -> list[Finding]:
    """What can be said without running anything; `files` are named as in a bundle."""
    return [
        *readme.check(source),
        *secrets.check(source),
        *manifest.check(draft, source.manifest),
        *permissions.check(draft, PERMISSIONS.keys() - PEOPLE_ONLY, source.manifest),
        *changelog.check(source, draft.version),
        *network.check(source, draft),
        *obfuscation.check(source),
        *size.check(files, surroundings.size_before),
        *names.check(draft, surroundings.neighbours, source.manifest),
    ]


async def run(
    pool: Pool, draft: Manifest, source: Source, files: Mapping[str, bytes], *, background: bool = False
) -> tuple[list[Finding], Loaded | None]:
    """What the class says when it is imported in the sandbox, and the plugin if that went well."""
    findings = list(await _imports(pool, source, files, background=background))
    code = await _compiled(pool, draft, files, background=background)
    findings += syntax.check(source, code if isinstance(code, Error) else None)
    if not isinstance(code, PluginCode):
        return findings, None
    try:
        loaded = await load(pool, draft, files, code, background=background)
        findings += _answering(source, loaded)
    except Error as error:
        return [*findings, refusal(error, source)], None
    return findings, loaded


def refusal(error: Error, source: Source) -> Finding:
    """What became of the plugin in the sandbox, as a finding."""
    return Finding("error", error.code, error.message, source.place_of(error.place), error.next_step)


async def _running(pool: Pool, project: Project, source: Source, fetch: Fetch) -> AsyncIterator[Finding]:
    try:
        files = fetch(project)
        for finding in vulnerable.check(files):
            yield finding
        findings, _ = await run(pool, project.manifest_draft, source, files)
        for finding in findings:
            yield finding
    except Error as error:
        yield refusal(error, source)


async def _imports(pool: Pool, source: Source, files: Mapping[str, bytes], *, background: bool) -> Iterator[Finding]:
    bundled = {name.removeprefix(CODE).split("/")[0].removesuffix(".py") for name in files if name.startswith(CODE)}
    wanted = {found.module for found in imports.imported(source)}
    absent = await absent_modules(pool, wanted - bundled, background=background)
    return imports.check(source, bundled, absent)


async def _compiled(pool: Pool, draft: Manifest, files: Mapping[str, bytes], *, background: bool) -> PluginCode | Error:
    try:
        return await compile_code(pool, draft, files, background=background)
    except Error as error:
        return error


def _answering(source: Source, loaded: Loaded) -> Iterator[Finding]:
    yield from loading.check(loaded.load_seconds)
    found = list(exports.check(source, loaded.draft, loaded.exports, HOOKS))
    yield from found
    if all(finding.severity != "error" for finding in found):
        yield from bundle.check(loaded)
        yield from usage.check(source, loaded.manifest)
