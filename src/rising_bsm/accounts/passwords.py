"""Passwords: slow hashes, computed beside the event loop, never telling whether there is somebody to check."""

import asyncio
import secrets
import unicodedata

from pwdlib.hashers.argon2 import Argon2Hasher

from rising_bsm.accounts.validation import wrong_field

SHORTEST, LONGEST = 12, 200
_AT_ONCE = 2
"""Hashes computed at the same time; each takes 64 MiB and a core."""


class Passwords:
    """Argon2id with the parameters of RFC 9106, section 4, second choice (64 MiB)."""

    def __init__(self) -> None:
        self._hasher = Argon2Hasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to keep; raises InvalidInput for a password of under 12 or over 200 characters."""
        if not SHORTEST <= len(password) <= LONGEST:
            sentence = f"A password has between {SHORTEST} and {LONGEST} characters."
            raise wrong_field("password", sentence, code="accounts.invalid_password")
        return await self._hashed(password)

    async def match(self, password: str, kept: str | None) -> bool:
        """Whether this is the password that `kept` was made of; takes as long when there is none to compare with."""
        if self._of_nobody is None:
            self._of_nobody = await self._hashed(secrets.token_urlsafe())
        async with self._turns:
            candidate = _as_bytes(password[:LONGEST])
            matches = await asyncio.to_thread(self._hasher.verify, candidate, kept or self._of_nobody)
        return matches and kept is not None and len(password) <= LONGEST

    async def _hashed(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _as_bytes(password))


def _as_bytes(password: str) -> bytes:
    # Keyboards differ in how they compose an umlaut; the password is the same.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def new_password() -> str:
    """A password of 144 random bits, for people to copy once."""
    return secrets.token_urlsafe(18)
