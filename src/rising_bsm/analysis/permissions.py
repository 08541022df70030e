"""Permissions: each that is asked for exists, with a reason that a person can weigh."""

from collections.abc import Collection, Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.project import PYPROJECT

REASON_CHARACTERS = 10


def check(manifest: Manifest, known: Collection[str], place: str = PYPROJECT) -> Iterator[Finding]:
    """Every requested permission is `known` and gives a reason."""
    findings = [*_unknown(manifest, known, place), *_without_reason(manifest, place)]
    yield from findings or [Finding("ok", "permissions", "The permissions are known and each has a reason.")]


def _unknown(manifest: Manifest, known: Collection[str], place: str) -> Iterator[Finding]:
    for request in (*manifest.permissions, *manifest.optional_permissions):
        if request.code not in known:
            message = f'There is no permission "{request.code}".'
            yield Finding("error", "permissions.unknown", message, place, f"There are: {', '.join(sorted(known))}.")


def _without_reason(manifest: Manifest, place: str) -> Iterator[Finding]:
    for request in (*manifest.permissions, *manifest.optional_permissions):
        if len(request.reason.strip()) < REASON_CHARACTERS:
            message = f'The reason for "{request.code}" is too short to weigh.'
            yield Finding("warning", "permissions.reason", message, place, "Say what the plugin does with it.")
