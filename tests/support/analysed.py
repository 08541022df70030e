"""Sources for analyzers, out of a few lines."""

from collections.abc import Iterable
from textwrap import dedent

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

PATH = "src/acme/__init__.py"


def make_source(code: str | bytes, path: str = PATH) -> Source:
    return Source({path: dedent(code).encode() if isinstance(code, str) else code})


def wrong(findings: Iterable[Finding]) -> list[tuple[str, str, str | None]]:
    """What is not fine: severity, code, place."""
    return [(one.severity, one.code, one.place) for one in findings if one.severity != "ok"]


def codes(findings: Iterable[Finding]) -> list[str]:
    return [code for _, code, _ in wrong(findings)]
