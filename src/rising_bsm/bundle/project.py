"""An author's folder: pyproject.toml says what the plugin is, the files next to it are the plugin."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from rising_bsm.bundle.errors import BundleError, ProjectError
from rising_bsm.bundle.limits import DEFAULT_LIMITS, BundleLimits
from rising_bsm.bundle.manifest import Manifest, make_manifest
from rising_bsm.bundle.problems import did_you_mean
from rising_bsm.bundle.sources import collect_files

PYPROJECT = "pyproject.toml"
_TABLE = "tool.rising-bsm"

# What each key may look like, shown to those who left it out or wrote it otherwise. Keys of [project] come first.
_PROJECT_KEYS = {
    "name": 'name = "loyalty"',
    "version": 'version = "1.0.0"',
    "description": 'description = "Counts visits and thanks regular customers."',
    "license": 'license = "MIT"',
    "dependencies": 'dependencies = ["humanize>=4"]',
}
_TOOL_KEYS = {
    "publisher": 'publisher = "acme"',
    "display-name": 'display-name = "Loyalty points"',
    "type": 'type = "mixed"',
    "main": 'main = "acme_loyalty:Loyalty"',
    "category": 'category = "customers"',
    "tags": 'tags = ["loyalty", "points"]',
    "pricing": 'pricing = { model = "paid", trial-days = 14 }',
    "homepage": 'homepage = "https://example.com/loyalty"',
    "support": 'support = "mailto:help@example.com"',
    "permissions": 'permissions = [{ code = "customers.read", reason = "To count visits." }]',
    "optional-permissions": 'optional-permissions = [{ code = "users.read", reason = "To name who did it." }]',
    "settings": 'settings = [{ name = "greeting", type = "text", label = "Greeting", default = "Hello" }]',
    "network": 'network = [{ url = "https://api.example.com/v1/", methods = ["GET"], reason = "To read rates." }]',
    "frames": 'frames = [{ name = "board", mount = "page", title = "Board", file = "board.html" }]',
    "host": 'host = ">=0.1,<1"',
    "dependencies": 'dependencies = { "acme.base" = ">=1.2,<2" }',
    "conflicts": 'conflicts = ["acme.other"]',
    "resources": "resources = { resident = false, memory-mib = 128 }",
}
# The tables in the table, whose keys may have dashes too.
_INNER_KEYS = {"resources": {"resident", "memory-mib"}, "pricing": {"model", "trial-days"}}
# The other keys that the packaging standards define for [project]; we have no use for them.
_OTHER_PROJECT_KEYS = {
    *("authors", "classifiers", "dynamic", "entry-points", "gui-scripts", "import-names", "import-namespaces"),
    *("keywords", "license-files", "maintainers", "optional-dependencies", "readme", "requires-python"),
    *("scripts", "urls"),
}


@dataclass(frozen=True)
class Project:
    """A plugin as its author wrote it.

    `manifest_draft` lacks the exports, which are read off the running class; `files` are named as in the bundle
    (code/…, ui/…, README.md, …); `dependencies` are those that a bundle must bring along.
    """

    root: Path
    manifest_draft: Manifest
    files: Mapping[str, bytes] = field(repr=False)
    dependencies: tuple[Requirement, ...]


def read_project(path: Path, limits: BundleLimits = DEFAULT_LIMITS) -> Project:
    """The plugin in a folder; `ProjectError` names the file, every wrong key, and what to write instead."""
    tables = _read_toml(path / PYPROJECT)
    project, tool = _table(tables, "project"), _table(_table(tables, "tool"), "rising-bsm")
    wrong = _unknown_keys(project, tool)
    dependencies, not_dependencies = _dependencies(project.get("dependencies", []))
    try:
        manifest = make_manifest(_manifest_values(project, tool))
    except BundleError as error:
        raise _wrong_keys(
            path, {_key(field): sentence for field, sentence in error.fields.items()} | wrong | not_dependencies
        ) from error
    if wrong | not_dependencies:
        raise _wrong_keys(path, wrong | not_dependencies)
    return Project(path, manifest, MappingProxyType(collect_files(path, limits)), dependencies)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(
            f"There is no {PYPROJECT} that can be read in this folder: {error.strerror}.",
            code="project.missing",
            place=str(path),
            next_step="Name the folder of a plugin, or begin one with `rising-bsm create PUBLISHER.NAME`.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"{PYPROJECT} is not TOML in UTF-8: {error}.",
            code="project.toml",
            place=str(path),
            next_step="Correct the file at that place.",
        ) from error


def _table(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = tables.get(name)
    return table if isinstance(table, dict) else {}


def _unknown_keys(project: Mapping[str, Any], tool: Mapping[str, Any]) -> dict[str, str]:
    places = (
        ("[project] ", project, {*_PROJECT_KEYS, *_OTHER_PROJECT_KEYS}),
        (f"[{_TABLE}] ", tool, set(_TOOL_KEYS)),
        *((f"[{_TABLE}] {name}.", _table(tool, name), known) for name, known in _INNER_KEYS.items()),
    )
    return {
        f"{place}{key}": did_you_mean(key, known) for place, table, known in places for key in table if key not in known
    }


def _manifest_values(project: Mapping[str, Any], tool: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: project[key] for key in _PROJECT_KEYS if key in project and key != "dependencies"}
    values |= {key.replace("-", "_"): tool[key] for key in _TOOL_KEYS if key in tool}
    for name, known in _INNER_KEYS.items():
        if isinstance(inner := values.get(name), dict):
            values[name] = {key.replace("-", "_"): inner[key] for key in known & inner.keys()}
    if isinstance(settings := values.get("settings"), list):
        values["settings"] = [_spelled(one) for one in settings]
    return values


def _spelled(setting: Any) -> Any:
    return {key.replace("-", "_"): value for key, value in setting.items()} if isinstance(setting, dict) else setting


def _dependencies(listed: Any) -> tuple[tuple[Requirement, ...], dict[str, str]]:
    if not isinstance(listed, list):
        return (), {"[project] dependencies": "must be a list of strings"}
    found, wrong = [], {}
    for index, text in enumerate(listed):
        try:
            requirement = Requirement(text if isinstance(text, str) else "")
        except InvalidRequirement as error:
            wrong[f"[project] dependencies[{index}]"] = f"is not a requirement: {str(error).splitlines()[0]}"
            continue
        if requirement.url:
            wrong[f"[project] dependencies[{index}]"] = "must name a version, not an address"
        found.append(requirement)
    return tuple(found), wrong


def _key(field: str) -> str:
    """Where in pyproject.toml a field of the manifest comes from."""
    key = field.split(".")[0].split("[")[0]
    table = "project" if key in _PROJECT_KEYS and key not in _TOOL_KEYS else _TABLE
    return f"[{table}] {field.replace('_', '-')}"


def _example(key: str) -> str | None:
    table, _, name = key.partition("] ")
    examples = _PROJECT_KEYS if table == "[project" else _TOOL_KEYS
    return examples.get(name.split(".")[0].split("[")[0])


def _wrong_keys(path: Path, wrong: Mapping[str, str]) -> ProjectError:
    listing = "; ".join(f"{key} {sentence}" for key, sentence in wrong.items())
    lines = list(dict.fromkeys(filter(None, map(_example, wrong))))
    return ProjectError(
        f"{PYPROJECT} is not that of a plugin: {listing}.",
        code="project.keys",
        place=f"{path / PYPROJECT}: {next(iter(wrong))}",
        next_step=f"Write for instance {', '.join(lines)}." if lines else "Remove these keys.",
        fields=wrong,
    )
