"""Secrets in the code: everyone who gets the bundle can read them."""

import re
from collections.abc import Iterator

from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.source import Source

SHAPES = {
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "an access token of Rising-BSM": re.compile(rb"\brbsm_[A-Za-z0-9_-]{20,}"),
    "an access key of AWS": re.compile(rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token of GitHub": re.compile(rb"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "a token of Slack": re.compile(rb"\bxox[abpr]-[A-Za-z0-9-]{10,}"),
    "a secret key of Stripe": re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{16,}"),
}
NAMED = re.compile(
    rb"""(?ix) \b [a-z_]* (?:password|passwd|secret|api_?key|access_?token|private_?key) \b \s* (?::[^=\n]+)? =
    \s* [rbuf]{0,2} (["']) (?P<value>[^"'\s]{8,}) \1"""
)
FIX = "Take it out of the code and make it invalid: it may be in earlier versions too."


def check(source: Source) -> Iterator[Finding]:
    """No file of the plugin holds what looks like a secret."""
    found = [finding for path, content in source.code.items() for finding in _in_file(path, content)]
    yield from found or [Finding("ok", "secrets", "No secrets in the code.")]


def _in_file(path: str, content: bytes) -> Iterator[Finding]:
    for what, shape in SHAPES.items():
        for hit in shape.finditer(content):
            yield Finding("error", "secrets.found", f"This looks like {what}.", _place(path, content, hit), FIX)
    for hit in NAMED.finditer(content):
        yield Finding("warning", "secrets.named", "A secret seems to be written here.", _place(path, content, hit), FIX)


def _place(path: str, content: bytes, hit: re.Match[bytes]) -> str:
    line = content.count(b"\n", 0, hit.start()) + 1
    return f"{path}:{line}"
