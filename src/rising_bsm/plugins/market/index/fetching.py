"""Files of the index as they arrive: no more and no longer than they may."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from rising_bsm.errors import Error, NotFound
from rising_bsm.plugins.market.index.errors import IndexUnreachable, TooLong, TooSlow
from rising_bsm.plugins.market.index.layout import NO_SUCH_FILE

Fetch = Callable[[str], AsyncIterator[bytes]]
"""Gives the bytes of the file with this name; raises NotFound or any Error with the code `index.no_such_file`."""


async def read(fetch: Fetch, name: str, *, most: int, seconds: float) -> bytes | None:
    """The file, None where the marketplace has none of that name.

    Raises TooLong beyond `most` bytes, TooSlow after `seconds`, and IndexUnreachable for all else.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(fetch, name, most)
    except TimeoutError:
        raise TooSlow(
            f"{name} has not arrived within {seconds:g} s.",
            place=name,
            next_step="Try again; if it stays so, ask the marketplace's operator.",
        ) from None
    except TooLong:
        raise
    except Error as error:
        if isinstance(error, NotFound) or error.code == NO_SUCH_FILE:
            return None
        raise _unreachable(name, error.message) from error
    except OSError as error:
        raise _unreachable(name, str(error)) from error


async def _read(fetch: Fetch, name: str, most: int) -> bytes:
    found, chunks = bytearray(), fetch(name)
    try:
        async for chunk in chunks:
            found += chunk
            if len(found) > most:
                raise TooLong(
                    f"{name} is longer than the {most:,} bytes that it may have.",
                    place=name,
                    next_step="Do not install from there; tell the marketplace's operator.",
                )
    finally:
        # At once, also when we stop halfway: the connection must not stay open behind us.
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
    return bytes(found)


def _unreachable(name: str, reason: str) -> IndexUnreachable:
    return IndexUnreachable(
        f"The marketplace's index cannot be read: {reason.rstrip('.')}.",
        place=name,
        next_step="Try again when the marketplace can be reached.",
    )
