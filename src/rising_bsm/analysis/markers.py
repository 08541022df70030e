"""Bait: values that are nobody's, each with a word in it that is found again however it was encoded."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

WORD_CHARACTERS = 14
_LETTERS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True)
class Sighting:
    """A bait that was seen: `what` it was (`customers.email`), and how it was written (`plain`, `base64`)."""

    what: str
    written: str


class Markers:
    """Words that come from `seed`, one for each thing that has one; equal seeds make equal words."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._words: dict[str, str] = {}

    def word(self, what: str) -> str:
        """The word in the bait called `what`: small letters that are in no language."""
        if what not in self._words:
            digest = hashlib.sha256(self._seed + what.encode()).digest()
            self._words[what] = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:WORD_CHARACTERS])
        return self._words[what]

    def digits(self, what: str) -> str:
        """As `word`, in digits, for telephone numbers."""
        if what not in self._words:
            number = int.from_bytes(hashlib.sha256(self._seed + what.encode()).digest()[:8], "big")
            self._words[what] = f"{number % 10**10:010}"
        return self._words[what]

    def seen_in(self, text: str) -> list[Sighting]:
        """Every bait in the text, in any of the ways that are looked for."""
        lowered = text.casefold()
        plain = lowered.replace(" ", "").replace("-", "")
        found = []
        for what, word in self._words.items():
            written = next((how for how, form, exact in _forms(word) if form in (text if exact else lowered)), None)
            if written is None and word in plain:
                written = "plain"
            if written is not None:
                found.append(Sighting(what, written))
        return found


def _forms(word: str) -> Iterator[tuple[str, str, bool]]:
    """How a word may be written, what of it is then found in a text, and whether case counts."""
    for name, step in (("", 1), ("reversed", -1)):
        yield name or "plain", word[::step], False
        for spelled in (word, word.capitalize(), word.upper()):
            raw = spelled[::step].encode()
            for encoded in _base64(raw):
                yield f"{name} base64".strip(), encoded, True
            yield f"{name} hex".strip(), raw.hex(), False
            yield f"{name} urlencoded".strip(), "".join(f"%{byte:02x}" for byte in raw), False


def _base64(raw: bytes) -> set[str]:
    """What is certain of the word's Base64 wherever in a text it begins: three ways, without the characters that
    depend on what is around it."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        first = (8 * before + 5) // 6
        last = 8 * (before + len(raw)) // 6
        inner = encoded[first:last]
        found |= {inner, inner.translate(_URL_SAFE)}
    return found


_URL_SAFE = str.maketrans("+/", "-_")
