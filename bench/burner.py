"""Creating customers over HTTP while a plugin burns all the processor time that it is allowed, and while it does not.

`python -m bench.burner` runs it by itself.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import uvloop

from rising_bsm.sandbox import Pool, PoolSettings, cache

from .instance import Instance, install_source, serve, trust
from .table import Samples
from .writes import CLIENTS, crowd

WHAT = f"create a customer over HTTP, {CLIENTS} clients"
SOURCE = """
from rising_bsm_sdk import Plugin, route


class Burner(Plugin):
    @route("GET", "/")
    def burn(self, ctx, request):
        for number in range({loops}):
            number * number
"""
LOOPS = {"a plugin that does nothing": 0, "a plugin that burns": 1_000_000}


async def measure(pool: Pool, samples: Samples, rounds: int, seconds: float) -> None:
    """Rates while two clients ask a plugin without end, one that does nothing and one that burns.

    The quota of fuel is for a minute, so a round should not be shorter.
    """
    answered = dict.fromkeys(LOOPS, 0)
    async with serve() as instance:
        await trust(instance)
        plugins = {name: await _install(instance, pool, loops) for name, loops in LOOPS.items()}
        for number in range(rounds):
            # The other way around every other time: the table of customers grows.
            for name in list(LOOPS)[:: -1 if number % 2 else 1]:
                async with _asked(instance, plugins[name]):
                    taken = await crowd(instance, seconds)
                answered[name] += len(taken)
                for one in taken:
                    samples.add(WHAT, name, one)
        for name, plugin in plugins.items():
            used = (await instance.ask("GET", f"/api/plugins/{plugin}/usage"))["hour"]
            samples.note("used", name, f"{used['fuel'] / 1e9:.1f} billion units of fuel in {used['calls']} calls")
    for name, count in answered.items():
        ratio = count / answered[next(iter(LOOPS))]
        samples.note(WHAT, name, f"{count / rounds / seconds:,.0f} per second, {ratio:.1%} of the rate without burning")


async def _install(instance: Instance, pool: Pool, loops: int) -> str:
    source = SOURCE.replace("{loops}", str(loops))
    plugin = await install_source(instance, pool, f"burner-{loops}", source, "Burner", "customers.read")
    await instance.ask("POST", f"/api/plugins/{plugin}/deactivate")
    return plugin


@asynccontextmanager
async def _asked(instance: Instance, plugin: str) -> AsyncIterator[None]:
    """Inside, the plugin is active, and two clients ask it without end, ten times a second at most."""
    await instance.ask("POST", f"/api/plugins/{plugin}/activate")
    tasks = [asyncio.create_task(_ask_for_ever(instance, plugin)) for _ in range(2)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await instance.ask("POST", f"/api/plugins/{plugin}/deactivate")


async def _ask_for_ever(instance: Instance, plugin: str) -> None:
    while True:
        with suppress(httpx.HTTPStatusError):
            await instance.ask("GET", f"/api/ext/{plugin}/")
        await asyncio.sleep(0.1)


async def main(rounds: int, seconds: float) -> None:
    """Measures and prints."""
    samples, guest = Samples(), cache.open_compiled(cache.default_directory(), print)
    async with Pool(guest, PoolSettings(workers=1)) as pool:
        await measure(pool, samples, rounds, seconds)
    os.close(guest)
    samples.show()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.burner", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    uvloop.run(main(options.rounds, options.seconds))
