"""Texts as the words that are searched for: without case, accents and punctuation, the same for both databases."""

import re
import unicodedata
from dataclasses import dataclass

WORD_CHARACTERS = 40
WORDS_OF_A_QUERY = 10
_SHORT = 2

# Chinese and Japanese have no spaces between words; each character is one.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def words(text: str, at_most: int | None = None) -> list[str]:
    """The words of a text, each once, in their order; long ones are cut to WORD_CHARACTERS."""
    found = dict.fromkeys(word[:WORD_CHARACTERS] for word in _WORD.findall(_plain(text)))
    return list(found)[:at_most]


def _plain(text: str) -> str:
    # Folding case can compose anew what was taken apart, and the other way round.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in apart if not unicodedata.category(character).startswith("M"))


@dataclass(frozen=True)
class Term:
    """A word that is looked for, or if it is a `prefix` every word that begins like it."""

    word: str
    prefix: bool


def terms(text: str) -> list[Term]:
    """What somebody who typed this looks for, all of it: at most WORDS_OF_A_QUERY.

    Every word may go on, as for somebody who has not finished typing, but for short ones that were finished: there
    would be too many that begin like them.
    """
    found = words(text, WORDS_OF_A_QUERY)
    return [Term(word, len(word) > _SHORT or word == found[-1]) for word in found]


def facet(kind: str, value: str) -> str:
    """The word that stands for a facet; no text has it, because none has an equals sign."""
    return f"={kind}={value}"
