"""Telling whoever wants to know; that one of them fails disturbs no other."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog

from rising_bsm.errors import Error

_log = structlog.get_logger("rising_bsm.licences")

News = TypeVar("News")


async def tell_all(listeners: Iterable[Callable[[News], Awaitable[None]]], news: News, about: str) -> None:
    """Each of them is told; what it raises is logged with what it was `about`."""
    for tell in listeners:
        try:
            await tell(news)
        except Error as error:
            _log.warning("somebody who was told failed, unheard", about=about, error=error.as_dict())
