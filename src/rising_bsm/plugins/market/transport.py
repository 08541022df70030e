"""Two ways to one marketplace: over HTTP to that of another instance, or to the one in this process."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

import httpx

from rising_bsm.errors import Busy, Conflict, Error, NotFound
from rising_bsm.runtime.system import SystemAnswer, SystemPlugins, SystemRequest

MARKETPLACE = "rising-bsm.marketplace"
PREFIX = f"/api/ext/{MARKETPLACE}"
ANSWER_BYTES = 8 * 1024 * 1024
"""The longest JSON answer that is read."""
_REFUSAL_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024
_TIMEOUTS = httpx.Timeout(30, connect=10)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,79}")


class MarketUnreachable(Busy):
    """The marketplace does not answer now; it may later."""

    code = "market.unreachable"


class MarketRefused(Conflict):
    """The marketplace refuses it, with a code and a sentence of its own."""

    code = "market.refused"


class MarketMissing(NotFound, MarketRefused):
    """The marketplace does not have it."""

    code = "market.not_found"


class Transport(Protocol):
    """A way to a marketplace. Both methods raise MarketRefused and MarketUnreachable."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
    ) -> Any:
        """The JSON that it answers."""

    def stream(self, path: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes that it answers, from `start` on."""


class HttpTransport:
    """The marketplace of the instance at `url`. It is never followed to another address."""

    def __init__(self, url: str) -> None:
        local = urlsplit(url).hostname in _LOOPBACK  # which no proxy of the environment can reach
        # Compressed answers would have other lengths than are said, and could unpack to anything.
        headers = {"Accept-Encoding": "identity"}
        self._http = httpx.AsyncClient(
            base_url=f"{url}{PREFIX}", headers=headers, timeout=_TIMEOUTS, trust_env=not local, follow_redirects=False
        )

    async def close(self) -> None:
        """Closes every connection."""
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
    ) -> Any:
        """As `Transport.ask`; more than ANSWER_BYTES are not read."""
        given: dict[str, Any] = {"content": body} if body is not None else {"json": json} if json is not None else {}
        params = {name: str(value) for name, value in (query or {}).items()}
        async with self._asked(method, path, params=params, **given) as answer:
            return _parsed(await _read(answer, ANSWER_BYTES))

    async def stream(self, path: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        """As `Transport.stream`; a server that knows no ranges begins at 0, and what was there already is passed
        over."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        async with self._asked("GET", path, headers=headers) as answer:
            skip = start if answer.status_code != httpx.codes.PARTIAL_CONTENT else 0
            async for chunk in answer.aiter_bytes(_CHUNK_BYTES):
                rest = chunk[skip:]
                skip -= len(chunk) - len(rest)
                if rest:
                    yield rest

    @asynccontextmanager
    async def _asked(self, method: str, path: str, **given: Any) -> AsyncIterator[httpx.Response]:
        try:
            async with self._http.stream(method, path, **given) as answer:
                if not answer.is_success:
                    raise refusal(answer.status_code, await _read(answer, _REFUSAL_BYTES))
                yield answer
        except httpx.HTTPError as trouble:
            raise _unreachable(str(self._http.base_url.host), str(trouble) or type(trouble).__name__) from trouble


class LocalTransport:
    """The marketplace that is a part of this process."""

    def __init__(self, system: SystemPlugins) -> None:
        self._system = system

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
    ) -> Any:
        """As `Transport.ask`."""
        content = body if body is not None else _encoded(json)
        params = {name: str(value) for name, value in (query or {}).items()}
        answer = await self._run(SystemRequest(method=method, path=unquote(path), query=params, body=content))
        return answer.body

    async def stream(self, path: str, *, start: int = 0) -> AsyncGenerator[bytes, None]:
        """As `Transport.stream`."""
        headers = {"range": f"bytes={start}-"} if start else {}
        answer = await self._run(SystemRequest(method="GET", path=unquote(path), headers=headers))
        if isinstance(answer.body, AsyncIterator):
            async for chunk in answer.body:
                yield chunk
        else:
            yield answer.body if isinstance(answer.body, bytes) else _encoded(answer.body)

    async def _run(self, request: SystemRequest) -> SystemAnswer:
        try:
            return await self._system.run(MARKETPLACE, request)
        except Busy as error:
            raise _unreachable("this instance", error.message) from error
        except Error as error:
            raise _same(error, missing=isinstance(error, NotFound)) from error


def refusal(status: int, body: bytes) -> Error:
    """The error that an answer of this status says, as far as it says one; never what a stranger wants it to be."""
    said = _object(body)
    message = str(said.get("message") or f"The marketplace answers with status {status}.")[:2_000]
    code = str(said.get("code") or "")
    known = {"code": code} if _CODE.fullmatch(code) else {}
    known |= {name: str(said[name])[:1_000] for name in ("place", "next_step") if said.get(name) is not None}
    if status in (429, 500, 502, 503, 504):
        return MarketUnreachable(f"The marketplace cannot do it now: {message}", next_step="Try again later.")
    if 300 <= status < 400:
        return MarketRefused(
            "The marketplace sends us to another address; nothing is asked there.",
            code="market.moved",
            next_step="Set RISING_BSM_MARKETPLACE_URL to the address that the marketplace has now.",
        )
    return (MarketMissing if status == httpx.codes.NOT_FOUND else MarketRefused)(message, **known)


def _same(error: Error, *, missing: bool) -> MarketRefused:
    kind = MarketMissing if missing else MarketRefused
    return kind(error.message, code=error.code, place=error.place, next_step=error.next_step)


async def _read(answer: httpx.Response, most: int) -> bytes:
    found = bytearray()
    async for chunk in answer.aiter_bytes():
        found += chunk
        if len(found) > most:
            raise MarketRefused(
                f"The marketplace's answer is longer than {most:,} bytes.",
                code="market.strange_answer",
                next_step="Tell the marketplace's operator.",
            )
    return bytes(found)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except (ValueError, RecursionError) as error:
        raise MarketRefused(
            "The marketplace's answer cannot be read.",
            code="market.strange_answer",
            next_step="See that RISING_BSM_MARKETPLACE_URL is the address of an instance of Rising-BSM.",
        ) from error


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _encoded(value: Any) -> bytes:
    return b"" if value is None else json.dumps(value).encode()


def _unreachable(where: str, reason: str) -> MarketUnreachable:
    return MarketUnreachable(
        f"The marketplace of {where} does not answer: {reason.rstrip('.')}.",
        place=where,
        next_step="Try again; if it stays so, check the network and RISING_BSM_MARKETPLACE_URL.",
    )


def path_of(*parts: str) -> str:
    """A path of these parts, none of which can lead elsewhere."""
    return "/" + "/".join(quote(part, safe="") for part in parts)
