"""Whether what was downloaded is what the index lists."""

import hashlib

from rising_bsm.plugins.market.index.errors import WrongBytes, WrongLength
from rising_bsm.plugins.market.index.listing import Listed


class BlobCheck:
    """Looks at the bytes of a listed version as they arrive; nothing but what `finish` has let pass may be used."""

    def __init__(self, listed: Listed) -> None:
        self._listed = listed
        self._hash = hashlib.sha256()
        self.size = 0

    def feed(self, chunk: bytes) -> None:
        """More bytes, in order. Raises WrongLength as soon as there are too many."""
        self.size += len(chunk)
        self._hash.update(chunk)
        if self.size > self._listed.blob_size:
            raise self._wrong_length()

    def finish(self) -> None:
        """That was all of it. Raises WrongLength, WrongBytes."""
        if self.size != self._listed.blob_size:
            raise self._wrong_length()
        if self._hash.hexdigest() != self._listed.blob_sha256:
            raise WrongBytes(
                f"What came as {self._name} is not what the index lists.",
                place=self._name,
                next_step="Download it again; if it stays so, tell the marketplace's operator.",
            )

    @property
    def _name(self) -> str:
        return f"{self._listed.plugin} {self._listed.version}"

    def _wrong_length(self) -> WrongLength:
        return WrongLength(
            f"What came as {self._name} has not the {self._listed.blob_size:,} bytes that the index lists.",
            place=self._name,
            next_step="Download it again; if it stays so, tell the marketplace's operator.",
        )


def check_blob(listed: Listed, data: bytes) -> None:
    """As `BlobCheck`, of all bytes at once."""
    check = BlobCheck(listed)
    check.feed(data)
    check.finish()
