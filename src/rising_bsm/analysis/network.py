"""Names on the network that the code has and the manifest does not: what it might want to reach."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source
from rising_bsm.bundle.manifest import Manifest
from rising_bsm.bundle.urls import parse_url

ADDRESS = re.compile(r"\b(?:https?|wss?|ftp)://(?:[^\s/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)", re.IGNORECASE)
NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?:com|net|org|io|dev|app|info|biz|cloud|online|site|xyz|top|click|link|co|me|ai|sh|cc|to|tk|ru|cn|de|fr|uk|eu|us)"
    r"(?::\d+)?(?:/\S*)?",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/\S*)?")
# Nobody connects to these: they name formats, or are there for examples (RFC 2606).
IDLE = re.compile(r"(?:www\.w3\.org|schemas?\..*|json-schema\.org|(?:.*\.)?example(?:\.(?:com|net|org))?|localhost)")


@dataclass(frozen=True)
class Named:
    """A host that a text of the code names; `asked` if the text is what `ctx.http.fetch` is given.

    `bare` if it may as well be a domain of e-mail addresses or anything else with dots.
    """

    host: str
    place: str
    asked: bool
    bare: bool = False


def check(source: Source, manifest: Manifest) -> Iterator[Finding]:
    """Every host that the code names is one of the manifest's network, and none of these is for nothing."""
    declared = {parse_url(place.url).host for place in manifest.network}
    found = [named for path, tree in source.trees() for named in _named(tree, path)]
    asking = [place for path, tree in source.trees() for place in _asking_for_unknown(tree, path)]
    # A name alone is no address, but where addresses are put together while it runs it may become one.
    found = [named for named in found if asking or not named.bare]
    findings = [*_undeclared(found, declared), *_unused(found, asking, declared, source)]
    findings += [_unknown(place) for place in asking[:3] if not declared]
    yield from findings or [Finding("ok", "network", "The code names no host that the manifest does not.")]


def _undeclared(found: list[Named], declared: set[str]) -> Iterator[Finding]:
    strange = sorted((named for named in found if named.host not in declared), key=lambda named: named.asked)
    for named in {named.host: named for named in strange}.values():
        if not named.asked and IDLE.fullmatch(named.host):
            continue
        yield Finding(
            "error" if named.asked else "warning",
            "network.undeclared",
            f"{named.host} is {'asked' if named.asked else 'named here'}, and the manifest's network does not have it.",
            named.place,
            "Add it to network in pyproject.toml with a reason, or take it out.",
        )


def _unused(found: list[Named], asking: list[str], declared: set[str], source: Source) -> Iterator[Finding]:
    if asking:
        return
    for host in sorted(declared - {named.host for named in found}):
        message = f"{host} is in the network of the manifest, and no text of the code names it."
        yield Finding("warning", "network.unused", message, source.manifest, "Take it out if it is not needed.")


def _unknown(place: str) -> Finding:
    message = "Where this request goes shows only while it runs, and the manifest names no network."
    return Finding("warning", "network.dynamic", message, place, "Name the place in network in pyproject.toml.")


def _named(tree: ast.Module, path: str) -> Iterator[Named]:
    documentation = set(_documentation(tree))
    given = {id(inner) for call in _fetches(tree) for value in _values(call) for inner in ast.walk(value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in documentation:
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            place = f"{path}:{node.lineno}"
            yield from (Named(host, place, id(node) in given) for host in _hosts(text))
            yield from (Named(host, place, asked=False, bare=True) for host in _bare(text))


def _hosts(text: str) -> set[str]:
    return {match[1].lower().strip("[]").rstrip(".") for match in ADDRESS.finditer(text)} - {""}


def _bare(text: str) -> Iterator[str]:
    name = re.split(r"[:/]", text.lower())[0]
    if NAME.fullmatch(text) or (NUMBERS.fullmatch(text) and _is_address(name)):
        yield name


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _documentation(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _fetches(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fetch":
            owner = node.func.value
            if (isinstance(owner, ast.Attribute) and owner.attr == "http") or (
                isinstance(owner, ast.Name) and owner.id == "http"
            ):
                yield node


def _values(call: ast.Call) -> list[ast.expr]:
    """What says where a request goes: its second argument, or `url`."""
    return [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "url")]


def _asking_for_unknown(tree: ast.Module, path: str) -> Iterator[str]:
    for call in _fetches(tree):
        texts = [node.value for value in _values(call) for node in ast.walk(value) if isinstance(node, ast.Constant)]
        if not any(isinstance(text, str) and _hosts(text) for text in texts):
            yield f"{path}:{call.lineno}"
