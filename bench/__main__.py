"""Measure and print."""

import argparse
import os

import uvloop

from rising_bsm.sandbox import Pool, PoolSettings, cache

from . import writes
from .engine import Engine
from .plugin import compile_plugin
from .table import Samples
from .worker import Worker, many_plugins


async def main(rounds: int, seconds: float, plugins: int) -> None:
    """All measures; engine and worker take turns in every round."""
    samples, guest = Samples(), cache.open_compiled(cache.default_directory(), print)
    async with Pool(guest, PoolSettings(workers=1)) as pool:
        worker, engine = await Worker.make(pool), Engine(guest, await compile_plugin(pool))
        for _ in range(rounds):
            engine.round(samples)
            await worker.round(samples)
        samples.note("fresh calls per second", "engine", f"{engine.fresh_calls_per_second(seconds):,.0f}")
        samples.note("fresh calls per second", "worker", f"{await worker.fresh_calls_per_second(seconds):,.0f}")
        samples.note("resident calls per second", "engine", f"{engine.resident_calls_per_second(seconds):,.0f}")
        samples.note("resident calls per second", "worker", f"{await worker.resident_calls_per_second(seconds):,.0f}")
        each = engine.memory_per_instance(100) / 2**20
        samples.note("memory per loaded and called instance", "engine", f"{each:.2f} MiB")
        await writes.measure(pool, samples, rounds=5, seconds=seconds)
    await many_plugins(guest, plugins, samples)
    os.close(guest)
    samples.show()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--plugins", type=int, default=1000)
    options = parser.parse_args()
    uvloop.run(main(options.rounds, options.seconds, options.plugins))
