"""What has changed from one version to the next, for whoever reviews it."""

from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from rising_bsm.bundle import Manifest, UnverifiedBundle
from rising_bsm.bundle.layout import MANIFEST
from rising_bsm.runtime.text import visible

FILE_BYTES, FILE_LINES, ALL_CHARACTERS = 300_000, 8_000, 2_000_000
"""Above the first two a file is not compared line by line, above the last no more files are."""


def compare(before: UnverifiedBundle | None, after: UnverifiedBundle) -> dict[str, Any]:
    """Both manifests' and all files' differences, as JSON; without a version before, everything is new."""
    old, new = before.manifest if before else None, after.manifest
    return {
        "plugin_id": new.id,
        "from": old and old.version,
        "to": new.version,
        "manifest": _manifest(old, new),
        "permissions": _permissions(old, new),
        "network": _network(old, new),
        "files": _files(before.files if before else {}, after.files),
    }


def _manifest(old: Manifest | None, new: Manifest) -> dict[str, Any]:
    earlier, later = old.model_dump(mode="json") if old else {}, new.model_dump(mode="json")
    apart = {"permissions", "optional_permissions", "network"}
    changed = [key for key in later if key not in apart and earlier.get(key) != later[key]]
    return {key: {"from": earlier.get(key), "to": later[key]} for key in changed}


def _permissions(old: Manifest | None, new: Manifest) -> dict[str, Any]:
    return _sets(_asked(old) if old else {}, _asked(new))


def _asked(manifest: Manifest) -> dict[str, str]:
    asked = {request.code: request.reason for request in manifest.permissions}
    return asked | {f"{request.code} (optional)": request.reason for request in manifest.optional_permissions}


def _network(old: Manifest | None, new: Manifest) -> dict[str, Any]:
    return _sets(_places(old) if old else {}, _places(new))


def _places(manifest: Manifest) -> dict[str, str]:
    return {f"{', '.join(place.methods)} {place.url}": place.reason for place in manifest.network}


def _sets(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, Any]:
    return {
        "added": {key: new[key] for key in new if key not in old},
        "removed": {key: old[key] for key in old if key not in new},
        "reworded": {key: new[key] for key in new if key in old and old[key] != new[key]},
    }


def _files(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[dict[str, Any]]:
    shown, left = [], ALL_CHARACTERS
    for path in sorted({*old, *new} - {MANIFEST}):
        if old.get(path) == new.get(path):
            continue
        entry = _file(path, old.get(path), new.get(path), compared=left > 0)
        left -= len(entry["diff"] or "")
        shown.append(entry)
    return shown


def _file(path: str, old: bytes | None, new: bytes | None, *, compared: bool) -> dict[str, Any]:
    status = "added" if old is None else "removed" if new is None else "changed"
    sizes = {"size_before": None if old is None else len(old), "size": None if new is None else len(new)}
    lines = [_lines(content) for content in (old, new)] if compared else [None]
    diff = None if None in lines else _diff(path, *[one or [] for one in lines])
    return {"path": path, "status": status, **sizes, "diff": diff}


def _lines(content: bytes | None) -> list[str] | None:
    """The lines of a text, None for what is no text or too much of it."""
    if content is None:
        return []
    try:
        lines = content.decode().splitlines() if len(content) <= FILE_BYTES else None
    except UnicodeDecodeError:
        return None
    if lines is None or len(lines) > FILE_LINES:
        return None
    # What a reviewer's terminal would act on, or cannot show, is written out: that is where things are hidden.
    return [visible(line.replace("\t", "    "), FILE_BYTES) for line in lines]


def _diff(path: str, old: list[str], new: list[str]) -> str:
    return "\n".join(unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""))
