"""The licence key that a person types: `RBSM-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`.

Twenty-five characters of Crockford's base32, of which 23 are random (115 bits) and the last two are a check: read as
one number, all of them are a multiple of 1021. That is a prime above 32, so one wrong character, or two that changed
places, never make another key.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from rising_bsm.licensing.errors import InvalidLicenceKey

PREFIX = "RBSM"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_CHARACTERS, _CHECK_CHARACTERS = 23, 2
_CHARACTERS = _RANDOM_CHARACTERS + _CHECK_CHARACTERS
_MODULUS = 1021
_MISREAD = str.maketrans("OIL", "011")
_BETWEEN = re.compile("[\\s\u2010-\u2015\u2212_-]+")  # word processors make other dashes of ours
_SHAPE = re.compile(f"(?:{PREFIX})?([{_ALPHABET}]{{{_CHARACTERS}}})")


@dataclass(frozen=True)
class LicenceKey:
    """A licence key in its one spelling; a secret, so it does not show in `repr`."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> "LicenceKey":
        """A new key from the system's randomness."""
        return cls(_grouped(_with_check(secrets.randbits(5 * _RANDOM_CHARACTERS))))

    @classmethod
    def parse(cls, text: str) -> "LicenceKey":
        """The key that a person meant: any case, with or without prefix, dashes and spaces, O for 0, I and L for 1.

        Raises InvalidLicenceKey.
        """
        # Only ASCII: some other letters become ours when they are made capitals.
        plain = _BETWEEN.sub("", text)
        found = _SHAPE.fullmatch(plain.upper().translate(_MISREAD)) if plain.isascii() else None
        if found is None:
            raise _refused(f"A licence key is written {PREFIX}- and five groups of five letters and digits.")
        characters = found[1]
        if _with_check(_number(characters) >> 5 * _CHECK_CHARACTERS) != characters:
            raise _refused("The licence key is mistyped: its last two characters do not fit the others.")
        return cls(_grouped(characters))

    @property
    def digest(self) -> str:
        """The SHA-256 of the key, in hex. There is no salt, as nobody can list 2 to the power of 115 keys."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def hint(self) -> str:
        """The last group, to tell one key from another; 100 random bits stay unknown."""
        return self.text[-5:]


def _with_check(random: int) -> str:
    shifted = random << 5 * _CHECK_CHARACTERS
    return _characters(shifted + -shifted % _MODULUS)


def _characters(number: int) -> str:
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in reversed(range(_CHARACTERS)))


def _number(characters: str) -> int:
    number = 0
    for character in characters:
        number = number << 5 | _ALPHABET.index(character)
    return number


def _grouped(characters: str) -> str:
    return "-".join([PREFIX, *(characters[at : at + 5] for at in range(0, _CHARACTERS, 5))])


def _refused(message: str) -> InvalidLicenceKey:
    return InvalidLicenceKey(message, place="key", next_step="Copy the whole key as you were given it.")
