"""All validators in order: what needs no manifest, what needs one, what needs the running class."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import get_args

from rising_bsm.accounts.permissions import PEOPLE_ONLY, PERMISSIONS
from rising_bsm.bundle.layout import CODE
from rising_bsm.bundle.manifest import HookName
from rising_bsm.bundle.project import Project
from rising_bsm.cli.author import Loaded, absent_modules, compile_code, load, sandbox, with_dependencies
from rising_bsm.cli.terminal import progress
from rising_bsm.cli.validators import (
    bundle,
    changelog,
    exports,
    imports,
    loading,
    manifest,
    permissions,
    readme,
    secrets,
    syntax,
)
from rising_bsm.cli.validators.finding import Finding, Source, read_source
from rising_bsm.errors import Error
from rising_bsm.sandbox import PluginCode, Pool

HOOKS = frozenset(get_args(HookName))


async def check(path: Path) -> list[Finding]:
    """Everything there is to say about the plugin in the folder `path`; raises if there is none."""
    source = read_source(path)
    project, findings = manifest.read(path)
    findings += [*readme.check(source), *secrets.check(source)]
    if project is None:
        return findings
    findings += _described(project, source)
    async with sandbox() as pool:
        return findings + [finding async for finding in _run(pool, project, source)]


def _described(project: Project, source: Source) -> Iterator[Finding]:
    draft = project.manifest_draft
    yield from manifest.check(draft)
    yield from permissions.check(draft, PERMISSIONS.keys() - PEOPLE_ONLY)
    yield from changelog.check(source, draft.version)


async def _run(pool: Pool, project: Project, source: Source) -> AsyncIterator[Finding]:
    try:
        files = with_dependencies(project)
        with progress("Loading the plugin in the sandbox"):
            async for finding in _loading(pool, project, source, files):
                yield finding
    except Error as error:
        yield Finding("error", error.code, error.message, source.place_of(error.place), error.next_step)


async def _loading(pool: Pool, project: Project, source: Source, files: Mapping[str, bytes]) -> AsyncIterator[Finding]:
    for finding in await _imports(pool, source, files):
        yield finding
    code = await _compiled(pool, project, files)
    for finding in syntax.check(source, code if isinstance(code, Error) else None):
        yield finding
    if isinstance(code, PluginCode):
        loaded = await load(pool, project.manifest_draft, files, code)
        for finding in _answering(source, loaded):
            yield finding


async def _imports(pool: Pool, source: Source, files: Mapping[str, bytes]) -> Iterator[Finding]:
    bundled = {name.removeprefix(CODE).split("/")[0].removesuffix(".py") for name in files if name.startswith(CODE)}
    absent = await absent_modules(pool, {found.module for found in imports.imported(source)})
    return imports.check(source, bundled, absent)


async def _compiled(pool: Pool, project: Project, files: Mapping[str, bytes]) -> PluginCode | Error:
    try:
        return await compile_code(pool, project.manifest_draft, files)
    except Error as error:
        return error


def _answering(source: Source, loaded: Loaded) -> Iterator[Finding]:
    yield from loading.check(loaded.load_seconds)
    found = list(exports.check(source, loaded.draft, loaded.exports, HOOKS))
    yield from found
    if all(finding.severity != "error" for finding in found):
        yield from bundle.check(loaded)
