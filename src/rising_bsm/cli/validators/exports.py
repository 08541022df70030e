"""Exports: what the running class answers to makes sense together and with what the manifest asks for."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.cli.validators.finding import Finding, Severity

PARAMETER = re.compile(r"\{[^}]*\}")


def check(manifest: Manifest, hooks: Collection[str]) -> Iterator[Finding]:
    """There is something, routes need only what is requested, none collide, each hook is one of `hooks`."""
    findings = [*_nothing(manifest), *_unrequested(manifest), *_repeated(manifest), *_unknown_hooks(manifest, hooks)]
    yield from findings or [Finding("ok", "exports", _summary(manifest))]


def _nothing(manifest: Manifest) -> Iterator[Finding]:
    exports = manifest.exports
    if not exports.routes and not exports.before:
        severity: Severity = "warning" if exports.lifecycle else "error"
        message = "The plugin answers no request and no hook."
        fix = "Decorate a method with @route or @before."
        yield Finding(severity, "exports.none", message, manifest.main, fix)


def _unrequested(manifest: Manifest) -> Iterator[Finding]:
    requested = {request.code for request in manifest.permissions}
    for route in manifest.exports.routes:
        if route.permission is not None and route.permission not in requested:
            yield Finding(
                "error",
                "exports.permission_not_requested",
                f'{route.method} {route.path} needs "{route.permission}", which the plugin does not ask for.',
                route.handler,
                f'Add {{ code = "{route.permission}", reason = "..." }} to permissions in pyproject.toml.',
            )


def _repeated(manifest: Manifest) -> Iterator[Finding]:
    shapes = Counter((route.method, PARAMETER.sub("{}", route.path)) for route in manifest.exports.routes)
    for (method, path), times in shapes.items():
        if times > 1:
            message = f"{times} methods answer {method} {path}."
            yield Finding("error", "exports.route_repeated", message, manifest.main, "Keep one of them.")


def _unknown_hooks(manifest: Manifest, hooks: Collection[str]) -> Iterator[Finding]:
    for export in manifest.exports.before:
        if export.hook not in hooks:
            message = f'There is no hook "{export.hook}".'
            fix = f"There are: {', '.join(sorted(hooks))}."
            yield Finding("error", "exports.hook_unknown", message, export.handler, fix)


def _summary(manifest: Manifest) -> str:
    routes = [f"{route.method} {route.path}" for route in manifest.exports.routes]
    hooks = [f"before {export.hook}" for export in manifest.exports.before]
    return f"It answers {', '.join(routes + hooks)}."
