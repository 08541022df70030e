"""Creating customers over HTTP with 16 clients, with and without plugins in the way."""

import asyncio
import itertools
import json
import time

from rising_bsm.sandbox import Pool

from .instance import Instance, install, serve, trust
from .table import Samples

CLIENTS = 16
WHAT = "create a customer over HTTP, 16 clients"


async def measure(pool: Pool, samples: Samples, rounds: int, seconds: float) -> None:
    """Rates and times without plugins, with ten that hook other things, and with one, ten and fifty in the way."""
    async with serve() as instance:
        await trust(instance)
        elsewhere = await install(instance, pool, 10, "customers.delete")
        hooks = await install(instance, pool, 50, "customers.create")
        settings = {
            "no plugin": [],
            "10 plugins elsewhere": elsewhere,
            "1 before hook": hooks[:1],
            "10 before hooks": hooks[:10],
            "50 before hooks": hooks,
        }
        answered = dict.fromkeys(settings, 0)
        for number in range(rounds):
            # The other way around every other time: the table of customers grows.
            for name in list(settings)[:: -1 if number % 2 else 1]:
                answered[name] += await _with(instance, settings[name], samples, name, seconds)
        for name, count in answered.items():
            rate = count / rounds / seconds
            ratio = count / answered["no plugin"]
            samples.note(WHAT, name, f"{rate:,.0f} per second, {ratio:.1%} of the rate without")


async def _with(instance: Instance, plugins: list[str], samples: Samples, name: str, seconds: float) -> int:
    for plugin in plugins:
        await instance.ask("POST", f"/api/plugins/{plugin}/activate")
    await crowd(instance, 0.3)
    taken = await crowd(instance, seconds)
    for one in taken:
        samples.add(WHAT, name, one)
    for plugin in plugins:
        await instance.ask("POST", f"/api/plugins/{plugin}/deactivate")
    return len(taken)


_numbers = itertools.count()


async def crowd(instance: Instance, seconds: float) -> list[float]:
    """How long each of the requests took that all clients made in this time."""
    taken: list[float] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(_client(instance, end, taken) for _ in range(CLIENTS)))
    return taken


async def _client(instance: Instance, end: float, taken: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", instance.port)
    while (started := time.perf_counter()) < end:
        writer.write(_request(instance))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = head.partition("content-length:")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        if " 201 " not in head[:20]:
            raise RuntimeError(f"a customer was not created: {head.splitlines()[0]}")
        taken.append(time.perf_counter() - started)
    writer.close()


def _request(instance: Instance) -> bytes:
    body = json.dumps({"name": "Bench", "email": f"bench{next(_numbers)}@example.com", "phone": "+49 30 1234"})
    head = f"POST /api/customers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {instance.token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
