"""Vendored dependencies with known vulnerabilities, by advisories that come with this program (no network)."""

import json
from collections.abc import Iterator, Mapping
from email.parser import BytesHeaderParser
from functools import cache
from importlib.resources import files as resources
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle.layout import CODE

METADATA = ".dist-info/METADATA"
Advisory = dict[str, Any]


def check(files: Mapping[str, bytes]) -> Iterator[Finding]:
    """No distribution whose metadata is among the bundle's `files` has an advisory that is about its version."""
    found = [finding for path, name, version in vendored(files) for finding in _about(path, name, version)]
    yield from found or [Finding("ok", "vulnerable", "No dependency that came along is known to be vulnerable.")]


def vendored(files: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
    """Path of its metadata, canonical name and version of each distribution in a bundle, as they say themselves."""
    found: list[tuple[str, str, str]] = []
    for path, content in sorted(files.items()):
        if path.startswith(CODE) and path.endswith(METADATA):
            headers = BytesHeaderParser().parsebytes(content)
            name, version = str(headers["Name"] or "").strip(), str(headers["Version"] or "").strip()
            if name and version:
                found.append((path, canonicalize_name(name), version))
    return found


def is_affected(version: str, ranges: list[dict[str, Any]]) -> bool:
    """Whether OSV `ranges` (type ECOSYSTEM) hold this version; one that is no version is held to be."""
    try:
        given = Version(version)
    except InvalidVersion:
        return True
    return any(_holds(given, one["events"]) for one in ranges)


def _about(path: str, name: str, version: str) -> Iterator[Finding]:
    for advisory in advisories().get(name, []):
        ranges = [one for affected in advisory["affected"] for one in _ranges(affected, name)]
        if is_affected(version, ranges):
            names = ", ".join([advisory["id"], *advisory["aliases"][:2]])
            fixed = _fixed(version, ranges)
            remedy = f"Depend on {name}>={fixed} and build again." if fixed else f"Do without {name}."
            message = f"{name} {version} is known to be vulnerable ({names})."
            yield Finding("error", "vulnerable.dependency", message, path, remedy)


def _ranges(affected: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return list(affected["ranges"]) if canonicalize_name(affected["package"]["name"]) == name else []


def _holds(version: Version, events: list[dict[str, str]]) -> bool:
    # (OSV, "evaluation": the last event at or before the version decides)
    inside = False
    for event in events:
        if "introduced" in event:
            inside |= event["introduced"] == "0" or version >= Version(event["introduced"])
        elif "fixed" in event:
            inside &= version < Version(event["fixed"])
        elif "last_affected" in event:
            inside &= version <= Version(event["last_affected"])
    return inside


def _fixed(version: str, ranges: list[dict[str, Any]]) -> str | None:
    fixes = sorted(Version(event["fixed"]) for one in ranges for event in one["events"] if "fixed" in event)
    try:
        return next((str(fix) for fix in fixes if fix > Version(version)), None)
    except InvalidVersion:
        return str(fixes[-1]) if fixes else None


@cache
def advisories() -> dict[str, list[Advisory]]:
    """The advisories that ship with this program, by canonical name of the package."""
    text = resources("rising_bsm.analysis").joinpath("data/advisories.json").read_text("utf-8")
    by_name: dict[str, list[Advisory]] = {}
    for advisory in json.loads(text)["vulns"]:
        for name in {canonicalize_name(affected["package"]["name"]) for affected in advisory["affected"]}:
            by_name.setdefault(name, []).append(advisory)
    return by_name
