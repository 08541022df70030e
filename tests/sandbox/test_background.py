"""Calls that nobody waits for have workers of their own."""

import asyncio
import os
import signal

import pytest

from rising_bsm.sandbox import DeadlineExceeded, Limits, Outcome, OutOfFuel, PluginCode, Pool, PoolSettings
from support.sandbox import CLOCK_NS, SEED, call, make_code, route

pytestmark = pytest.mark.anyio


async def in_background(pool: Pool, code: PluginCode, **limits: float) -> Outcome:
    async def host(name: str, _arguments: object) -> object:
        raise AssertionError(name)

    request = {
        "op": "route",
        "handler": "run",
        "request": {"method": "GET", "path": "/", "body": None},
        "context": {"plugin": {"id": "a.b", "version": "1.0.0"}},
    }
    given = Limits(**limits)  # type: ignore[arg-type]
    return await pool.call(code, request, host=host, limits=given, seed=SEED, clock_ns=CLOCK_NS, background=True)


async def test_what_hangs_in_the_background_takes_no_worker_from_a_request(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1, background_workers=2)) as pool:
        assert pool.alive == 1
        hangs = await make_code(pool, route("while True: pass"))
        answers = await make_code(pool, route("return 1"))
        hanging = [asyncio.create_task(in_background(pool, hangs, wall_seconds=5.0)) for _ in range(2)]
        while sum(worker.background and worker._running is not None for worker in pool._staff._workers) < 2:  # noqa: ASYNC110 - the pool tells nobody
            await asyncio.sleep(0)

        outcome = await asyncio.wait_for(call(pool, answers), 3)

        assert outcome.value["body"] == 1
        assert not any(each.done() for each in hanging)
        nice = {(worker.background, _nice(worker._process.pid)) for worker in pool._staff._workers if worker._process}
        assert nice == {(False, 15), (True, 19)}
        for each in hanging:
            with pytest.raises((DeadlineExceeded, OutOfFuel)):
                await each


async def test_a_worker_of_the_background_is_started_when_it_is_needed_and_again_when_it_was_killed(
    compiled_guest: int,
) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1)) as pool:
        code = await make_code(pool, route("return 1"))
        assert (await in_background(pool, code)).value["body"] == 1
        assert pool.alive == 2

        (worker,) = [worker for worker in pool._staff._workers if worker.background]
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        while worker.alive:  # noqa: ASYNC110 - it tells only the pool
            await asyncio.sleep(0)

        assert (await in_background(pool, code)).value["body"] == 1
        assert pool.alive == 2


def _nice(pid: int) -> int:
    """Of the process that serves, behind the one that stands by for it."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        child = int((file.read().split() or [str(pid)])[0])
    return os.getpriority(os.PRIO_PROCESS, child)
