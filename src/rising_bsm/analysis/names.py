"""Names that could be taken for another plugin's: by sight, or by a slip of the hand."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle.manifest import Manifest

RESERVED = frozenset({"rising-bsm", "risingbsm", "rising", "bsm", "system", "admin", "administrator", "official"})
"""What nobody but the makers of this program may call themselves or a plugin."""

# Characters that look like others (a small part of Unicode TR 39, "confusables"): those that names are faked with.
_LOOKS = str.maketrans(
    {
        **dict.fromkeys("1lIi|іІӀ", "l"),
        **dict.fromkeys("0Oοоօ", "o"),
        **{"5": "s", "$": "s", "3": "e", "4": "a", "@": "a", "7": "t", "8": "b", "9": "g", "2": "z"},
        **{"а": "a", "е": "e", "р": "p", "с": "c", "у": "y", "х": "x", "ѕ": "s", "ј": "j", "ԁ": "d", "к": "k"},
        **{"α": "a", "ε": "e", "ι": "l", "ν": "v", "ρ": "p", "τ": "t", "υ": "u", "κ": "k", "ѵ": "v", "ɡ": "g"},
        **{"м": "m", "т": "t", "н": "h", "в": "b", "ո": "n", "ս": "u"},
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Me"})


@dataclass(frozen=True)
class Neighbour:
    """A plugin that is in the catalogue already, or waits to be."""

    plugin_id: str
    display_name: str


def check(manifest: Manifest, neighbours: Iterable[Neighbour] = (), place: str = "pyproject.toml") -> Iterator[Finding]:
    """Neither id nor display name can be taken for those of another publisher's plugin, or for our own."""
    findings = [*_reserved(manifest, place), *_unclear(manifest, place)]
    for other in neighbours:
        if other.plugin_id.partition(".")[0] != manifest.publisher:
            findings += _close(manifest, other, place)
    yield from findings[:10] or [Finding("ok", "names", "Its name is like no other.")]


def skeleton(text: str) -> str:
    """What a text looks like: without case, marks, spaces and dashes, each character as the one it is taken for."""
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in plain if unicodedata.category(c) not in _INVISIBLE and (c.isalnum() or c in "|$@"))
    looked = kept.translate(_LOOKS).casefold().translate(_LOOKS)
    for pair, one in _PAIRS:
        looked = looked.replace(pair, one)
    return looked


def distance(one: str, other: str, most: int) -> int:
    """How many characters were added, left out, changed or swapped with the next; `most` + 1 for more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return min(last[-1], most + 1)


def _reserved(manifest: Manifest, place: str) -> Iterator[Finding]:
    words = {"publisher": manifest.publisher, "name": manifest.name, "display_name": manifest.display_name}
    reserved = {skeleton(word) for word in RESERVED}
    for field, text in words.items():
        if skeleton(text) in reserved or "risingbsm" in skeleton(text).replace("l", "i"):
            message = f"The {field.replace('_', ' ')} {text!r} is kept for the makers of Rising-BSM."
            yield Finding("error", "names.reserved", message, place, "Choose another.")


def _unclear(manifest: Manifest, place: str) -> Iterator[Finding]:
    if any(unicodedata.category(c) in _INVISIBLE - {"Mn"} for c in manifest.display_name):
        message = "The display name holds characters that nobody sees."
        yield Finding("error", "names.invisible", message, place, "Take them out.")
    elif len(_scripts(manifest.display_name)) > 1:
        message = f"The display name mixes {' and '.join(sorted(_scripts(manifest.display_name)))} letters."
        yield Finding("warning", "names.mixed", message, place, "Write it in one alphabet.")


def _scripts(text: str) -> set[str]:
    names = {unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha()}
    return names & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


def _close(manifest: Manifest, other: Neighbour, place: str) -> list[Finding]:
    other_publisher, _, other_name = other.plugin_id.partition(".")
    if skeleton(manifest.id) == skeleton(other.plugin_id):
        return [_taken_for("error", manifest.id, other, place)]
    if _near(manifest.publisher, other_publisher) and _near(manifest.name, other_name):
        return [_taken_for("error", manifest.id, other, place)]
    if skeleton(manifest.display_name) == skeleton(other.display_name):
        return [_taken_for("error", manifest.display_name, other, place)]
    if _near(manifest.display_name, other.display_name):
        return [_taken_for("warning", manifest.display_name, other, place)]
    return []


def _near(one: str, other: str) -> bool:
    one, other = skeleton(one), skeleton(other)
    # A short name is close to everything: one slip for five letters, two from ten on.
    allowed = 0 if min(len(one), len(other)) < 5 else 1 if len(one) < 10 else 2
    return distance(one, other, allowed) <= allowed


def _taken_for(severity: str, text: str, other: Neighbour, place: str) -> Finding:
    message = f"{text!r} can be taken for {other.display_name!r} ({other.plugin_id})."
    remedy = "Choose a name that nobody confuses with it."
    return Finding("error" if severity == "error" else "warning", "names.close", message, place, remedy)
