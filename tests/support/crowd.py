"""Many clients at once over real sockets, each asking again as soon as it was answered, and how long each answer took.

They speak HTTP by hand: a client library would take more of the machine than the server that is measured.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Crowd:
    """What the clients have seen: seconds per answer, and every answer that was not 200."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def slowest_ms(self) -> float:
        return max(self.seconds) * 1000

    def summary(self) -> str:
        ordered = sorted(self.seconds)
        median, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        times = f"median {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, slowest {self.slowest_ms:.0f} ms"
        return f"{len(ordered)} answers, {len(self.failures)} failures: {times}"


@asynccontextmanager
async def crowd(port: int, path: str, token: str, *, clients: int = 16) -> AsyncIterator[Crowd]:
    """The clients ask while the block runs."""
    seen = Crowd()
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(_ask(port, request, seen)) for _ in range(clients)]
        yield seen
        for task in asking:
            task.cancel()


async def _ask(port: int, request: bytes, seen: Crowd) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            start = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            seen.seconds.append(time.perf_counter() - start)
            if status != "200":
                seen.failures.append(status)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line.partition(":")[2] for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(int(length))
    return head.split(" ", 2)[1]
