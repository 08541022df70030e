"""Permissions: each that is asked for exists, with a reason that a person can weigh."""

from collections.abc import Collection, Iterator

from rising_bsm.bundle.manifest import Manifest
from rising_bsm.cli.validators.finding import Finding

REASON_CHARACTERS = 10
PLACE = "pyproject.toml"


def check(manifest: Manifest, known: Collection[str]) -> Iterator[Finding]:
    """Every requested permission is `known` and gives a reason."""
    findings = [*_unknown(manifest, known), *_without_reason(manifest)]
    yield from findings or [Finding("ok", "permissions", "The permissions are known and each has a reason.")]


def _unknown(manifest: Manifest, known: Collection[str]) -> Iterator[Finding]:
    for request in (*manifest.permissions, *manifest.optional_permissions):
        if request.code not in known:
            message = f'There is no permission "{request.code}".'
            yield Finding("error", "permissions.unknown", message, PLACE, f"There are: {', '.join(sorted(known))}.")


def _without_reason(manifest: Manifest) -> Iterator[Finding]:
    for request in (*manifest.permissions, *manifest.optional_permissions):
        if len(request.reason.strip()) < REASON_CHARACTERS:
            message = f'The reason for "{request.code}" is too short to weigh.'
            yield Finding("warning", "permissions.reason", message, PLACE, "Say what the plugin does with it.")
