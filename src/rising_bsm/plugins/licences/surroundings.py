"""Where an instance runs: a second, soft signal beside its key pair. That it has moved is a warning, and no more."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

_ID_FILE = "instance-id"
_MACHINE = Path("/etc/machine-id")
MOVED = (
    "This instance has moved since the licence was activated. If it was copied, each copy needs an installation of its "
    "own; if it was moved, activate the licence once more and this goes away."
)


def surroundings_of(secret: bytes, *, url: str, data_dir: Path, machine: Path = _MACHINE) -> dict[str, str]:
    """What is known of address, data folder and machine, each as an HMAC under `secret` that tells nobody what it is.

    What cannot be read is left out.
    """
    found = {"url": url.rstrip("/").lower(), "data": _id_of(data_dir), "machine": _text_in(machine)}
    return {name: _hidden(secret, name, text) for name, text in found.items() if text}


def moved(then: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether most of what is known of both differs: containers change some of it with every start."""
    both = then.keys() & now.keys()
    return 2 * sum(then[name] != now[name] for name in both) > len(both)


def _id_of(data_dir: Path) -> str:
    path = data_dir / _ID_FILE
    try:
        with path.open("x") as file:
            file.write(secrets.token_hex(16))
    except OSError:  # it is there already, or nothing can be written there
        pass
    return _text_in(path)


def _text_in(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()[:200]
    except (OSError, ValueError):
        return ""


def _hidden(secret: bytes, name: str, text: str) -> str:
    return hmac.new(secret, f"{name}\n{text}".encode(), hashlib.sha256).hexdigest()
