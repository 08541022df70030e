"""A worker that has been taken over entirely: what it says and does against the web process."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rising_bsm.sandbox import DeadlineExceeded, Limits, Outcome, Pool, PoolSettings, SandboxError, WorkerLost
from rising_bsm.sandbox.jail import Layer
from rising_bsm.sandbox.process import WorkerProcess

pytestmark = pytest.mark.anyio

ROGUE = Path(__file__).parents[1] / "support" / "rogue.py"
ANSWER = "send(connection, done(call, 'mine'))"


def settings(**changes: Any) -> PoolSettings:
    return PoolSettings(**{"workers": 1, "program": (str(ROGUE),), **changes})


@pytest.fixture
async def rogue(compiled_guest: int) -> AsyncIterator[Pool]:
    async with Pool(compiled_guest, settings()) as pool:
        yield pool


async def run(pool: Pool, native: str, asked: list[str] | None = None, **limits: Any) -> Outcome:
    """Run native code in the worker; the host answers only those who ask for `asked`."""

    async def host(name: str, _arguments: Any) -> None:
        if asked is None:
            await asyncio.Event().wait()
        else:
            asked.append(name)

    return await pool.call(None, {"native": native}, host=host, limits=Limits(**{"wall_seconds": 5.0, **limits}))


async def test_native_code_runs_in_the_worker(rogue: Pool) -> None:
    assert (await run(rogue, ANSWER)).value == "mine"


@pytest.mark.parametrize(
    "native",
    [
        "send(connection, done(call, call_id=call.call_id + 1)); " + ANSWER,
        "send(connection, done(call, call_id=call.call_id - 1)); " + ANSWER,
        "send(connection, frames.HostCall(call.call_id + 1, 'storage.get', '{}')); " + ANSWER,
        "send(connection, frames.Log(call.call_id + 1, 'stdout', 'x')); " + ANSWER,
        "send(connection, frames.Ready([])); " + ANSWER,
        "send(connection, frames.Reply(call.call_id, '{}')); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(2**32 - 1)); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(64 * 2**20) + b'x' * 2**20); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(3) + b'abc'); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(0)); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(20000) + b'\\x91' * 20000); " + ANSWER,
        "connection.sendall(frames.HEADER.pack(9) + b'\\x97\\xa4done' + b'\\xa1\\xff\\x00'); " + ANSWER,
        "send(connection, ['done', call.call_id, '{}', '', '', 0, False, 'more']); " + ANSWER,
        "send(connection, ['done', str(call.call_id), '{}', '', '', 0, False]); " + ANSWER,
        "[send(connection, frames.HostCall(call.call_id, 'log', '{}')) for _ in range(2)]; " + ANSWER,
        "send(connection, frames.HostCall(call.call_id, 'log', '{}')); " + ANSWER,
        "[send(connection, frames.Log(call.call_id, 'stdout', 'x' * 60000)) for _ in range(2)]; " + ANSWER,
        "send(connection, done(call)); send(connection, done(call)); " + ANSWER,
        "os._exit(0)",
    ],
    ids=[str(number) for number in range(19)],
)
async def test_a_worker_that_breaks_the_protocol_is_killed_and_replaced(rogue: Pool, native: str) -> None:
    (first,) = rogue._staff._workers
    try:
        await run(rogue, native)
    except WorkerLost:
        pass
    else:  # what came after the call's end is found out at the next one
        await asyncio.wait_for(_gone(first), 5)
    assert not first.alive
    assert (await run(rogue, ANSWER)).value == "mine"


async def _gone(worker: WorkerProcess) -> None:
    lost, others = asyncio.Event(), worker.on_lost
    worker.on_lost = lambda it: (others(it), lost.set())[0]
    if worker.alive:
        await lost.wait()


async def test_more_host_calls_than_allowed_end_the_worker(rogue: Pool) -> None:
    asked: list[str] = []
    native = (
        "for _ in range(9):\n"
        "    send(connection, frames.HostCall(call.call_id, 'log', '{}'))\n"
        "    size = frames.HEADER.unpack(connection.recv(4))[0]\n"
        "    connection.recv(size)\n" + ANSWER
    )
    with pytest.raises(WorkerLost):
        await run(rogue, native, asked, host_calls=5)
    assert len(asked) == 5


async def test_half_a_frame_and_silence_end_at_the_deadline(rogue: Pool) -> None:
    with pytest.raises(DeadlineExceeded):
        await run(rogue, "connection.sendall(b'ab'); connection.recv(1)", wall_seconds=0.3)
    assert (await run(rogue, ANSWER)).value == "mine"


@pytest.mark.parametrize("payload", ["'nothing'", "'[]'", "'{\"error\": 1}'", "'[' * 100000", "'{\"ok\": NaN}'", "''"])
async def test_an_answer_that_is_none_is_refused(rogue: Pool, payload: str) -> None:
    with pytest.raises(SandboxError):
        await run(rogue, f"send(connection, done(call, payload={payload}))")


async def test_an_error_code_it_invents_stays_a_sandbox_error(rogue: Pool) -> None:
    with pytest.raises(SandboxError) as caught:
        await run(rogue, "send(connection, done(call, code='auth.required', message='sign in at evil.example'))")
    assert caught.value.code == "plugin.failed"


ATTACKS = {
    "open a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "list a folder": "os.listdir('/')",
    "stat": "os.stat('/etc/passwd') and 1",
    "internet socket": "__import__('_socket').socket(2, 1)",
    "unix socket": "__import__('_socket').socket(1, 1)",
    "netlink socket": "__import__('_socket').socket(16, 3)",
    "start a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "kill the parent": "os.kill(os.getppid(), 9)",
    "kill everybody": "os.kill(-1, 9)",
    "trace": "__import__('ctypes').CDLL(None).ptrace(16, os.getppid(), 0, 0)",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_native_attacks_end_in_nothing(rogue: Pool, attack: str) -> None:
    native = f"try:\n    got = {attack}\nexcept OSError:\n    got = None\nsend(connection, done(call, got is not None))"
    try:
        outcome = await run(rogue, native)
    except WorkerLost:
        pass
    else:
        assert outcome.value is False
    assert (await run(rogue, ANSWER)).value == "mine"


async def test_without_the_jail_the_same_attack_succeeds(compiled_guest: int) -> None:
    from rising_bsm.sandbox.jail import Strength

    async with Pool(compiled_guest, settings(layers=frozenset(), minimum=Strength.NONE)) as pool:
        outcome = await run(pool, f"send(connection, done(call, {ATTACKS['open a file']} > 0))")
    assert outcome.value is True


async def test_too_weak_a_jail_refuses_to_start(compiled_guest: int) -> None:
    pool = Pool(compiled_guest, settings(layers=frozenset(Layer) - {Layer.SECCOMP}))
    with pytest.raises(Exception, match="seccomp"):
        await pool.start()
    await pool.stop()


async def test_a_worker_has_no_secrets_and_no_other_descriptor(compiled_guest: int) -> None:
    os.environ["RISING_BSM_TEST_SECRET"] = "hidden"
    try:
        async with Pool(compiled_guest, settings()) as pool:
            native = (
                "found = []\n"
                "for number in range(4096):\n"
                "    try: os.read(number, 0); found.append(number)\n"
                "    except OSError: pass\n"
                "send(connection, done(call, [dict(os.environ), found, connection.fileno()]))"
            )
            environment, descriptors, channel = (await run(pool, native)).value
    finally:
        del os.environ["RISING_BSM_TEST_SECRET"]
    assert environment == {}
    assert descriptors == [channel]


@pytest.mark.parametrize(("said", "counted"), [(-(2**62), 0), (2**62, 1_000), (700, 700)])
async def test_fuel_is_believed_only_between_nothing_and_what_there_was(rogue: Pool, said: int, counted: int) -> None:
    outcome = await run(rogue, f"send(connection, done(call, 'mine', fuel={said}))", fuel=1_000)
    assert outcome.usage.fuel == counted
