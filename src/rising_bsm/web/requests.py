"""What a request may look like before any handler sees it."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.types import Empty

from rising_bsm.errors import Failed
from rising_bsm.web.errors import BadRequest, UnsupportedMedia

BODY_BYTES = 256 * 1024
"""The largest body a route takes unless it says otherwise."""

BODY_SECONDS = 60
"""How long a body may take to arrive."""

JSON_DEPTH = 32
"""The deepest nesting of objects and lists in a JSON body."""


T = TypeVar("T")


class CallerGone(Failed):
    """Whoever asked has closed the connection; the answer reaches nobody."""

    code = "request.caller_gone"


class StrictRequest(Request[Any, Any, Any]):
    """A request whose body has to arrive within a minute.

    Its JSON is taken only when it is declared as JSON, is well formed, and is not nested without end.
    """

    async def body(self) -> bytes:
        """The body as it came. Raises BadRequest (`request.too_slow`)."""
        return await _in_time(super().body())

    async def form(self) -> FormMultiDict:
        """The fields of a form, none when the body is something else. Raises BadRequest."""
        return await _in_time(super().form())

    async def json(self) -> Any:
        """The decoded body, None when there is none. Raises UnsupportedMedia and BadRequest."""
        if self._json is Empty:
            self._json = self._decoded(await self.body())
        return self._json

    def _decoded(self, body: bytes) -> Any:
        if not body:
            return None
        kind, _ = self.content_type
        if not is_json(kind):
            raise UnsupportedMedia(
                f"The body is declared as {kind or 'nothing'}; only JSON is taken here.",
                place="Content-Type",
                next_step="Send Content-Type: application/json.",
            )
        return decode_json(body)


def is_json(kind: str) -> bool:
    """Whether a media type says that a body is JSON."""
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


async def while_connected(request: StrictRequest, work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives, unless the caller goes away first: then it is cancelled, as nobody waits for it.

    The body must have been read before. Raises `CallerGone`.
    """
    task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise CallerGone("The caller has gone.", place="connection")
        return task.result()
    finally:
        for pending in (task, leaving):
            pending.cancel()
        await asyncio.wait({task, leaving})


async def _left(request: StrictRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _in_time(arrival: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await arrival
    except TimeoutError:
        raise BadRequest("The body did not arrive in time.", code="request.too_slow", place="body") from None


def decode_json(body: bytes) -> Any:
    """The value of a JSON text nested no deeper than `JSON_DEPTH`. Raises BadRequest."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not JSON that can be read: {error}.", place="body") from error
    except RecursionError:
        raise _too_deep() from None
    if body.count(b"[") + body.count(b"{") > JSON_DEPTH and _depth(value) > JSON_DEPTH:
        raise _too_deep()
    return value


def _too_deep() -> BadRequest:
    return BadRequest(f"The JSON is nested deeper than {JSON_DEPTH} levels.", place="body")


def _depth(value: Any) -> int:
    # Level by level, not by recursion: the depth is what the sender chose.
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth
