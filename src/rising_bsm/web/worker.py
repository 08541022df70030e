"""The process that answers: it says so when it does, says why when it cannot, and ends with its supervisor."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from multiprocessing import SimpleQueue
from typing import Any

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar import Litestar
from litestar.types import ASGIApp

from rising_bsm.errors import Error, Failed
from rising_bsm.web.app import create_app
from rising_bsm.web.logs import configure_logging
from rising_bsm.web.settings import Settings

_HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Supervisor:
    """The process that started the workers, as both see it; made by that process."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._failures: SimpleQueue[dict[str, str]] = SimpleQueue()

    def give_up(self, error: Error) -> None:
        """Tells it, from a worker, that no worker will ever start, and why."""
        self._failures.put({name: value for name, value in error.as_dict().items() if name != "fields"})
        os.kill(self._process, signal.SIGTERM)

    def raise_failure(self) -> None:
        """Raises what a worker gave up for, as Failed."""
        if not self._failures.empty():
            raise Failed(**self._failures.get())

    async def follow(self) -> None:
        """Ends this worker, in order, when its supervisor is gone."""
        # Killed without a chance to say so, it would leave a worker behind that holds the address.
        while os.getppid() == self._process:  # noqa: ASYNC110 - nobody tells when it dies
            await asyncio.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)


def load(settings: Settings, supervisor: Supervisor) -> ASGIApp:
    """The application as a worker of `supervisor` runs it."""
    configure_logging()
    app = create_app(settings, beside=[partial(_beside, settings, supervisor)])
    asgi = _giving_up(app, supervisor)
    return wrap_asgi_with_proxy_headers(asgi, list(settings.trusted_proxies)) if settings.trusted_proxies else asgi


def _giving_up(app: Litestar, supervisor: Supervisor) -> ASGIApp:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(app, supervisor, scope, receive, send)
        else:
            await app(scope, receive, send)

    return asgi


async def _live(app: Litestar, supervisor: Supervisor, scope: Any, receive: Any, send: Any) -> None:
    async def without_traceback(message: Any) -> None:
        await send(message | {"message": ""} if "message" in message else message)

    try:
        await app(scope, receive, without_traceback)
    except* Error as errors:
        # Litestar opens its services inside a task group, so what they raise comes wrapped.
        supervisor.give_up(_innermost(errors))


def _innermost(error: BaseException) -> Any:
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


@asynccontextmanager
async def _beside(settings: Settings, supervisor: Supervisor, _app: Litestar) -> AsyncIterator[None]:
    # What is loaded by now stays: the collector need not look through it again while somebody waits for an answer.
    gc.collect()
    gc.freeze()
    tasks = [asyncio.create_task(_announce(settings)), asyncio.create_task(supervisor.follow())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _announce(settings: Settings) -> None:
    while not await _answers(settings.local_host, settings.port):  # noqa: ASYNC110 - nobody tells when it listens
        await asyncio.sleep(0.02)
    print(f"Rising-BSM answers at {settings.url}", flush=True)


async def _answers(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(_HEALTH)
        status = await reader.readline()
        writer.close()
    except OSError:
        return False
    return b" 200 " in status
