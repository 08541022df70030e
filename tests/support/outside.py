"""The world outside: a server on loopback that answers as it is told, and names that lead where a test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from rising_bsm.bundle.addresses import Address
from rising_bsm.bundle.network import NetworkRequest
from rising_bsm.bundle.urls import parse_url
from rising_bsm.runtime.egress import Egress, FetchRequest, PluginEgress
from rising_bsm.runtime.egress.answer import Fetched
from rising_bsm.runtime.limits import DEFAULT_LIMITS, RuntimeLimits

LOOPBACK = (ip_network("127.0.0.1/32"),)


@dataclass
class Outside:
    """A server; `answers` are raw, by path, and `seen` are the raw heads and bodies of what was asked."""

    port: int = 0
    answers: dict[str, bytes] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end; a path without an answer is never answered."""
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:")), 0)
        self.seen.append(head + (await reader.readexactly(size)).decode())
        path = head.split(" ")[1].partition("?")[0]
        if path in self.answers:
            writer.write(self.answers[path])
        else:
            await reader.read()

    def url(self, path: str = "/", host: str = "outside.example") -> str:
        """The address of a path, under a name."""
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def outside(*, certificate: ssl.SSLContext | None = None, **answers: bytes) -> AsyncIterator[Outside]:
    """A server that is gone afterwards; `answers` by the name of the path."""
    server = Outside(answers={f"/{path}": answer for path, answer in answers.items()})
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=certificate)
    server.port = running.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        running.close()
        await asyncio.gather(*server.connections)


def answer(body: bytes = b"", *, status: int = 200, **headers: str) -> bytes:
    """A raw answer; underscores in the names of headers are dashes."""
    pairs = {"content-length": str(len(body))} | {name.replace("_", "-"): text for name, text in headers.items()}
    lines = [f"HTTP/1.1 {status} Yes", *(f"{name}: {text}" for name, text in pairs.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """A raw answer that leads somewhere else."""
    return answer(status=status, location=location)


class Names:
    """Names and where they lead: for each the addresses of the first asking, of the second, and so on."""

    def __init__(self, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._names = {name: list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[Address]:
        """As `egress.resolving.Resolve`."""
        self.asked.append(host)
        if host not in self._names:
            raise OSError("no such name")
        answers = self._names[host]
        return [ip_address(text) for text in (answers.pop(0) if len(answers) > 1 else answers[0])]


def make_places(*urls: str, methods: Sequence[str] = ("GET",)) -> tuple[NetworkRequest, ...]:
    """What a manifest names."""
    values = [{"url": url, "methods": methods, "reason": "A test needs it."} for url in urls]
    return tuple(NetworkRequest.model_validate(value, strict=False) for value in values)


def make_egress(
    places: Sequence[NetworkRequest],
    names: Names | None = None,
    *,
    limits: RuntimeLimits = DEFAULT_LIMITS,
    allowed: Sequence[object] = LOOPBACK,
    certificates: ssl.SSLContext | None = None,
) -> PluginEgress:
    """The way out of one plugin that may go to these places; `outside.example` is the server on loopback."""
    resolve = names or Names({"outside.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    egress = Egress(limits, allowed=allowed, resolve=resolve, certificates=certificates)  # type: ignore[arg-type]  # networks of either version
    return egress.of("acme.test", places)


async def fetch(
    egress: PluginEgress,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = 10,
) -> Fetched:
    """What the plugin gets."""
    request = FetchRequest(method, parse_url(url), headers or {}, body)  # type: ignore[arg-type]  # a method
    return await egress.fetch(request, seconds)
