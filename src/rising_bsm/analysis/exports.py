"""Exports: what the running class answers to makes sense together and with what the manifest asks for."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rising_bsm.analysis.finding import Finding, Severity
from rising_bsm.analysis.source import Source
from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, Manifest

PARAMETER = re.compile(r"\{[^}]*\}")


def check(source: Source, draft: Manifest, exports: Mapping[str, Any], hooks: Collection[str]) -> Iterator[Finding]:
    """There is something, routes and hooks need only what is requested, none collide, each hook is one of `hooks`.

    `exports` is what the sandbox read off the class, before the manifest takes it over.
    """
    findings = [
        *_nothing(draft, exports),
        *_unrequested(source, draft, exports),
        *_unrequested_for_strangers(source, draft, exports),
        *_unrequested_by_hooks(source, draft, exports),
        *_unrequested_by_components(source, draft, exports),
        *_actions_of_nothing(source, exports),
        *_repeated(source, exports),
        *_unknown_hooks(source, exports, hooks),
    ]
    yield from findings or [Finding("ok", "exports", _summary(exports))]


def _nothing(draft: Manifest, exports: Mapping[str, Any]) -> Iterator[Finding]:
    answers = any(exports[part] for part in ("routes", "before", "after", "schedules", "components"))
    if not answers and not draft.frames:
        severity: Severity = "warning" if exports["lifecycle"] else "error"
        message = "The plugin answers no request, no hook, no event and no schedule, and shows nothing."
        fix = "Decorate a method with @route, @before, @after, @schedule or @component, or declare a frame."
        yield Finding(severity, "exports.none", message, draft.main, fix)


def _unrequested(source: Source, draft: Manifest, exports: Mapping[str, Any]) -> Iterator[Finding]:
    requested = {request.code for request in draft.permissions}
    for route in exports["routes"]:
        permission = route["permission"]
        if permission is not None and permission not in requested:
            yield Finding(
                "error",
                "exports.permission_not_requested",
                f'{route["method"]} {route["path"]} needs "{permission}", which the plugin does not ask for.',
                source.line_of(route["handler"]),
                f'Add {{ code = "{permission}", reason = "..." }} to permissions in pyproject.toml.',
            )


def _unrequested_for_strangers(source: Source, draft: Manifest, exports: Mapping[str, Any]) -> Iterator[Finding]:
    """A public route takes the right to have such routes, which the administrator may refuse."""
    requested = {request.code for request in (*draft.permissions, *draft.optional_permissions)}
    for route in exports["routes"]:
        if route["public"] and ANSWERS_STRANGERS not in requested:
            yield Finding(
                "error",
                "exports.permission_not_requested",
                f'{route["method"]} {route["path"]} is public, which takes "{ANSWERS_STRANGERS}".',
                source.line_of(route["handler"]),
                f'Add {{ code = "{ANSWERS_STRANGERS}", reason = "..." }} to permissions in pyproject.toml.',
            )


def _unrequested_by_hooks(source: Source, draft: Manifest, exports: Mapping[str, Any]) -> Iterator[Finding]:
    """A hook is shown what is about to be written, so it takes the right to read that."""
    requested = {request.code for request in draft.permissions}
    for export in exports["before"]:
        permission = f"{export['hook'].partition('.')[0]}.read"
        if permission not in requested:
            yield Finding(
                "error",
                "exports.permission_not_requested",
                f'before {export["hook"]} is shown what "{permission}" is for, which the plugin does not ask for.',
                source.line_of(export["handler"]),
                f'Add {{ code = "{permission}", reason = "..." }} to permissions in pyproject.toml.',
            )


def _unrequested_by_components(source: Source, draft: Manifest, exports: Mapping[str, Any]) -> Iterator[Finding]:
    requested = {request.code for request in (*draft.permissions, *draft.optional_permissions)}
    for export in exports["components"]:
        permission = export["permission"]
        if permission is not None and permission not in requested:
            yield Finding(
                "error",
                "exports.permission_not_requested",
                f'component {export["handler"]} needs "{permission}", which the plugin does not ask for.',
                source.line_of(export["handler"]),
                f'Add {{ code = "{permission}", reason = "..." }} to permissions in pyproject.toml.',
            )


def _actions_of_nothing(source: Source, exports: Mapping[str, Any]) -> Iterator[Finding]:
    if exports["actions"] and not exports["components"]:
        message = "There are actions, and no component from which they could be called."
        place = source.line_of(exports["actions"][0]["handler"])
        yield Finding("warning", "exports.actions_alone", message, place, "Decorate a method with @component.")


def _repeated(source: Source, exports: Mapping[str, Any]) -> Iterator[Finding]:
    routes = exports["routes"]
    shapes = Counter((route["method"], PARAMETER.sub("{}", route["path"])) for route in routes)
    for route in routes:
        times = shapes.pop((route["method"], PARAMETER.sub("{}", route["path"])), 1)
        if times > 1:
            message = f"{times} routes answer {route['method']} {route['path']}."
            yield Finding(
                "error", "exports.route_repeated", message, source.line_of(route["handler"]), "Keep one of them."
            )


def _unknown_hooks(source: Source, exports: Mapping[str, Any], hooks: Collection[str]) -> Iterator[Finding]:
    for export in exports["before"]:
        if export["hook"] not in hooks:
            message = f'There is no hook "{export["hook"]}".'
            fix = f"There are: {', '.join(sorted(hooks))}."
            yield Finding("error", "exports.hook_unknown", message, source.line_of(export["handler"]), fix)


def _summary(exports: Mapping[str, Any]) -> str:
    routes = [f"{route['method']} {route['path']}" for route in exports["routes"]]
    hooks = [f"before {export['hook']}" for export in exports["before"]]
    events = [f"after {export['event']}" for export in exports["after"]]
    times = [f"at {export['cron']}" for export in exports["schedules"]]
    shown = [f"component {export['handler']}" for export in exports["components"]]
    return f"It answers {', '.join(routes + hooks + events + times + shown) or 'to its life cycle'}."
