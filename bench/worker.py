"""The same through a jailed worker process."""

import asyncio
import time
from typing import Any

from rising_bsm.sandbox import Limits, PluginCode, Pool, PoolSettings

from .plugin import compile_plugin, request
from .table import Samples

GIB = 1024**3


async def answer(_name: str, _arguments: Any) -> Any:
    """The host's side of the one host call."""
    return {"found": True, "value": 1}


async def call(pool: Pool, code: PluginCode, handler: str = "hello") -> bool:
    """One call; true if no spare stood ready."""
    outcome = await pool.call(code, request(handler), host=answer, limits=Limits())
    return outcome.usage.cold


class Worker:
    """A pool of one worker, so that rates are per core."""

    def __init__(self, pool: Pool, code: PluginCode, resident: PluginCode) -> None:
        self.pool, self.code, self.resident = pool, code, resident
        self._number = 0

    @classmethod
    async def make(cls, pool: Pool) -> "Worker":
        """With a plugin and a resident one."""
        worker = cls(pool, await compile_plugin(pool), await compile_plugin(pool, resident=True))
        await call(pool, worker.resident)
        return worker

    async def round(self, samples: Samples) -> None:
        """One sample of each measure; the worker makes its spares in the pauses."""
        self._number += 1
        other = await compile_plugin(self.pool, number=self._number)
        await self._spares()
        with samples.time("cold start: instance + load + first call", "worker"):
            await call(self.pool, other)
        self.pool.forget(other.digest)
        for what, handler in (("call with a spare ready", "hello"), ("call with one host call, spare ready", "ask")):
            await self._with_spare(samples, what, handler)
        await self._spares()
        with samples.time("resident call", "worker"):
            await call(self.pool, self.resident)

    async def _with_spare(self, samples: Samples, what: str, handler: str) -> None:
        """Time a call that found a spare; on a busy machine that may take several tries."""
        cold = True
        while cold:
            await self._spares()
            started = time.perf_counter()
            cold = await call(self.pool, self.code, handler)
        samples.add(what, "worker", time.perf_counter() - started)

    async def _spares(self) -> None:
        """Leave the worker alone for as long as it needs to fill its shelf."""
        await asyncio.sleep(0.02)

    async def fresh_calls_per_second(self, seconds: float) -> float:
        """One caller, a fresh instance each time."""
        return await self._rate(self.code, seconds)

    async def resident_calls_per_second(self, seconds: float) -> float:
        """One caller, always the same instance."""
        return await self._rate(self.resident, seconds)

    async def _rate(self, code: PluginCode, seconds: float) -> float:
        count, started = 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            await call(self.pool, code)
            count += 1
        return count / (time.perf_counter() - started)


async def many_plugins(guest: int, count: int, samples: Samples) -> None:
    """Load `count` different plugins into one worker, each with its spares, and call some of them."""
    async with Pool(guest, PoolSettings(workers=1, worker_memory_bytes=16 * GIB)) as pool:
        codes = [await compile_plugin(pool, number=number) for number in range(count)]
        (worker,) = pool._staff._workers
        before, started = worker.memory_bytes() or 0, time.perf_counter()
        for code in codes:
            await call(pool, code)
        samples.note(f"{count:,} plugins called once each", "worker", f"{time.perf_counter() - started:.1f} s")
        await asyncio.sleep(count * 0.006)
        used = ((worker.memory_bytes() or 0) - before) / 2**20
        samples.note(
            f"{count:,} plugins ready, two spares each", "worker", f"{used:,.0f} MiB, {used / count / 2:.2f} MiB each"
        )
        for code in codes[:: max(1, count // 200)]:
            with samples.time(f"call with a spare, {count:,} plugins ready", "worker"):
                await call(pool, code)
