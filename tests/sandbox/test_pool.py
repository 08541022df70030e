"""A plugin in the sandbox: what it can do, what it sees, and that nothing of it stays."""

import asyncio
import json

import pytest

from rising_bsm.errors import InvalidInput
from rising_bsm.sandbox import (
    BadResult,
    DeadlineExceeded,
    HostCallLimitExceeded,
    Limits,
    LogLimitExceeded,
    Outcome,
    OutOfFuel,
    OutOfMemory,
    PluginRaised,
    PluginRefused,
    Pool,
    PoolBusy,
    PoolSettings,
    RecursionTooDeep,
    SandboxError,
)
from support.sandbox import call, make_code, route, run

pytestmark = pytest.mark.anyio

OBSERVE = (
    "import uuid, random, time, datetime, os, secrets, json",
    "return [str(uuid.uuid4()), str(uuid.uuid1()), random.random(), random.Random().random(), secrets.token_hex(),",
    "    os.urandom(8).hex(), time.time(), time.monotonic(), time.perf_counter(), str(datetime.datetime.now()),",
    "    list({str(i) for i in range(50)}), list({object() for _ in range(3)}) and id(object()), hash('a')]",
)


async def test_a_route_answers(pool: Pool) -> None:
    assert await run(pool, "return {'sum': 1 + 1, 'body': request.body}", body=[1]) == {"sum": 2, "body": [1]}


async def test_coroutines_are_driven(pool: Pool) -> None:
    body = "    async def inner(self):\n        return 4\n" + route("return await self.inner()").replace(
        "def", "async def"
    )
    outcome = await call(pool, await make_code(pool, body))
    assert outcome.value["body"] == 4


async def test_a_coroutine_that_waits_for_an_event_loop_says_so(pool: Pool) -> None:
    body = "    async def run(self, ctx, request):\n        import asyncio\n        await asyncio.sleep(1)\n"
    with pytest.raises(PluginRaised, match=r"event loop|running"):
        await call(pool, await make_code(pool, body))


async def test_two_runs_are_equal_to_the_byte(pool: Pool) -> None:
    code = await make_code(pool, route(*OBSERVE))
    first, second = [await call(pool, code) for _ in range(2)]
    assert json.dumps(first.value) == json.dumps(second.value)
    assert first.usage.fuel == second.usage.fuel


async def test_a_cold_run_equals_one_in_a_spare(pool: Pool) -> None:
    body = "    import random, time, uuid\n    LOADED = [random.random(), time.time(), str(uuid.uuid4())]\n"
    code = await make_code(pool, body + route("return [self.LOADED, __import__('random').random()]"))
    runs: list[Outcome] = []
    while {run.usage.cold for run in runs} != {True, False} and len(runs) < 600:
        runs += [await call(pool, code) for _ in range(5)]  # more than there are spares on two workers
        await asyncio.sleep(0.01)  # and now there are some again
    assert {run.usage.cold for run in runs} == {True, False}
    assert len({json.dumps(run.value) for run in runs}) == 1


async def test_another_seed_and_another_clock_are_seen(pool: Pool) -> None:
    code = await make_code(pool, route("import random, time", "return [random.random(), time.time()]"))
    first = (await call(pool, code)).value["body"]
    other = (await call(pool, code, seed=b"other", clock_ns=1_700_000_000 * 10**9)).value["body"]
    assert first[0] != other[0]
    assert first[1] == pytest.approx(1_790_000_000)
    assert other[1] == pytest.approx(1_700_000_000)


async def test_seeds_differ_when_none_is_given(pool: Pool) -> None:
    code = await make_code(pool, route("import random", "return random.random()"))
    assert len({(await call(pool, code, seed=None)).value["body"] for _ in range(5)}) == 5


async def test_what_a_call_leaves_behind_is_not_seen_by_the_next(pool: Pool) -> None:
    code = await make_code(pool, "    seen = []\n" + route("self.seen.append(1)", "return len(self.seen)"))
    assert [(await call(pool, code)).value["body"] for _ in range(6)] == [1] * 6


async def test_a_resident_plugin_keeps_its_instance(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1)) as pool:
        body = "    seen = []\n" + route("self.seen.append(1)", "return len(self.seen)")
        code = await make_code(pool, body + route("return int('x')", name="fail"), resident=True)
        assert [(await call(pool, code)).value["body"] for _ in range(3)] == [1, 2, 3]
        with pytest.raises(PluginRaised):
            await call(pool, code, "fail")
        assert (await call(pool, code)).value["body"] == 4


async def test_a_resident_plugin_that_trapped_starts_anew(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1)) as pool:
        body = "    seen = []\n" + route("self.seen.append(1)", "return len(self.seen)")
        code = await make_code(pool, body + route("while True: pass", name="loop"), resident=True)
        await call(pool, code)
        with pytest.raises(OutOfFuel):
            await call(pool, code, "loop", fuel=100_000_000)
        assert (await call(pool, code)).value["body"] == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("open('/etc/passwd')", "FileNotFoundError"),
        ("open('x', 'w')", "FileNotFoundError"),
        ("os.listdir('/')", "FileNotFoundError"),
        ("os.stat('/proc')", "FileNotFoundError"),
        ("os.mkdir('/x')", "FileNotFoundError"),
        ("__import__('socket').socket()", "PermissionError"),
        ("__import__('socket').getaddrinfo('localhost', 80)", "Permission denied"),
        ("os.fork()", "AttributeError"),
        ("os.system('true')", "AttributeError"),
        ("__import__('subprocess').run(['true'])", "Error"),
        ("__import__('threading').Thread(target=print).start()", "RuntimeError"),
        ("__import__('ctypes')", "ModuleNotFoundError"),
        ("input()", "EOFError"),
    ],
)
async def test_there_is_nothing_to_reach(pool: Pool, line: str, said: str) -> None:
    answer = await run(
        pool, "import os", "try:", f"    return repr({line})", "except BaseException as e:", "    return repr(e)"
    )
    assert said in answer


async def test_environment_and_arguments_are_empty(pool: Pool) -> None:
    assert await run(pool, "import os, sys", "return [dict(os.environ), [a for a in sys.argv if a], sys.path]") == [
        {},
        [],
        [],
    ]


async def test_the_rest_of_the_standard_library_is_imported_from_memory(pool: Pool) -> None:
    assert await run(pool, "import colorsys", "return colorsys.rgb_to_hsv(1, 0, 0)") == [0.0, 1.0, 1]


async def test_modules_of_the_bundle_are_packages(pool: Pool) -> None:
    files = {
        "helper/__init__.py": b"from .deep.inside import VALUE",
        "helper/deep/__init__.py": b"",
        "helper/deep/inside.py": b"VALUE = 7",
        "helper/table.txt": b"data",
    }
    lines = (
        "import helper, pkgutil",
        "from importlib.resources import files",
        "assert files(helper).joinpath('table.txt').read_text() == 'data'",
    )
    code = await make_code(
        pool, route(*lines, "return [helper.VALUE, pkgutil.get_data('helper', 'table.txt').decode()]"), files=files
    )
    assert (await call(pool, code)).value["body"] == [7, "data"]


@pytest.mark.parametrize("name", ["json", "rising_bsm_sdk", "rising_guest", "colorsys", "wit_world", "sys", "asyncio"])
async def test_a_bundle_cannot_shadow_what_is_there(pool: Pool, name: str) -> None:
    code = await make_code(
        pool, route(f"import {name}", f"return hasattr({name}, 'MINE')"), files={f"{name}.py": b"MINE = 1"}
    )
    assert (await call(pool, code)).value["body"] is False


async def test_printing_goes_to_the_log(pool: Pool) -> None:
    log: list[tuple[str, str]] = []
    await run(pool, "import sys", "print('a', 1)", "print('b', file=sys.stderr)", "print('c', end='')", log=log)
    assert log == [("stdout", "a 1"), ("stderr", "b"), ("stdout", "c")]


async def test_half_a_character_can_be_printed(pool: Pool) -> None:
    log: list[tuple[str, str]] = []
    await run(pool, "import sys", "print('a\\ud800', file=sys.stderr)", log=log)
    assert log == [("stderr", "a\\ud800")]


async def test_host_calls_reach_the_host_and_come_back(pool: Pool) -> None:
    code = await make_code(pool, route("return ctx.storage.get('k')"))
    outcome = await call(pool, code, replies={"storage.get": {"found": True, "value": {"a": "ü"}}})
    assert outcome.value["body"] == {"a": "ü"}
    assert outcome.usage.host_calls == 1


@pytest.mark.parametrize(
    ("lines", "error", "limits"),
    [
        (("while True: pass",), OutOfFuel, {"fuel": 200_000_000}),
        (
            ("while True:", "    try:", "        while True: pass", "    except BaseException: pass"),
            OutOfFuel,
            {"fuel": 200_000_000},
        ),
        (("pow(10**6, 10**7)",), OutOfFuel, {"fuel": 200_000_000}),
        (("import time", "time.sleep(3600)"), DeadlineExceeded, {"wall_seconds": 1.0}),
        (("import time", "while True: time.sleep(0.1)"), DeadlineExceeded, {"wall_seconds": 0.4}),
        (("import select", "select.select([], [], [], 3600)"), SandboxError, {"wall_seconds": 1.0}),
        (("x = []", "while True: x.append(bytearray(10**6))"), OutOfMemory, {}),
        (("return bytearray(10**9)",), OutOfMemory, {}),
        (("return self.run(ctx, request)",), RecursionTooDeep, {}),
        (("x = []", "for _ in range(10**5): x = [x]", "return x"), SandboxError, {}),
        (("raise ValueError('no')",), PluginRaised, {}),
        (("raise SystemExit(1)",), PluginRaised, {}),
        (("raise KeyboardInterrupt",), PluginRaised, {}),
        (("return {1}",), BadResult, {}),
        (("return float('nan')",), BadResult, {}),
        (("return 'x' * 10**6",), BadResult, {}),
        (("return '\\ud800'",), BadResult, {}),
        (("while True: print('x' * 1000)",), LogLimitExceeded, {}),
        (("while True: print('x', end='', flush=True)",), LogLimitExceeded, {}),
        (("while True: ctx.storage.get('k')",), HostCallLimitExceeded, {"host_calls": 20}),
        (("import os", "os._exit(3)"), SandboxError, {}),
        (("import os", "os.abort()"), SandboxError, {}),
    ],
)
async def test_each_misbehaviour_has_its_own_error_and_the_next_call_works(
    pool: Pool, lines: tuple[str, ...], error: type[Exception], limits: dict[str, float]
) -> None:
    code = await make_code(pool, route(*lines) + route("return 'fine'", name="fine"))
    replies = {"storage.get": {"found": False, "value": None}}
    with pytest.raises(error) as caught:
        await call(pool, code, replies=replies, **limits)
    assert isinstance(caught.value, SandboxError)
    assert (await call(pool, code, "fine")).value["body"] == "fine"


async def test_an_exception_shows_the_authors_file_and_line(pool: Pool) -> None:
    files = {"helper.py": b"def boom():\n    raise KeyError('x')\n"}
    with pytest.raises(PluginRaised, match="KeyError") as caught:
        await call(pool, await make_code(pool, route("import helper", "helper.boom()"), files=files))
    assert caught.value.place == "helper.py:2"


async def test_a_syntax_error_names_the_place(pool: Pool) -> None:
    with pytest.raises(PluginRaised, match="SyntaxError") as caught:
        await make_code(pool, files={"broken.py": b"x = 1\ndef f(:\n"})
    assert caught.value.place == "broken.py:2"


async def test_a_plugin_that_cannot_be_imported_says_why_each_time(pool: Pool) -> None:
    code = await pool.compile({"m.py": b"import nothing_like_it"}, "m:Main")
    for _ in range(3):
        with pytest.raises(PluginRaised, match="nothing_like_it"):
            await call(pool, code)


async def test_refusing_carries_sentence_and_field(pool: Pool) -> None:
    with pytest.raises(PluginRefused, match="Too short") as caught:
        await run(pool, "raise Refuse('Too short', field='name')")
    assert caught.value.fields == {"name": "Too short"}


async def test_a_worker_that_hangs_in_the_host_is_killed_and_replaced(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1)) as pool:
        code = await make_code(pool, route("ctx.storage.get('k')"))
        never = asyncio.Event()

        async def host(_name: str, _arguments: object) -> None:
            await never.wait()

        request = {
            "op": "route",
            "handler": "run",
            "request": {"method": "GET", "path": "/"},
            "context": {"plugin": {"id": "a.b", "version": "1"}},
        }
        with pytest.raises(DeadlineExceeded):
            await pool.call(code, request, host=host, limits=Limits(wall_seconds=0.2))
        assert await run(pool, "return 1") == 1


class _Told(list[tuple[str, str]]):
    """A log that tells when something is written to it."""

    def __init__(self, written: asyncio.Event) -> None:
        super().__init__()
        self._written = written

    def append(self, line: tuple[str, str]) -> None:
        self._written.set()


async def test_a_caller_that_goes_away_frees_the_worker(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1)) as pool:
        code = await make_code(pool, route("print('began')", "while True: pass"))
        began = asyncio.Event()
        task = asyncio.create_task(call(pool, code, fuel=10**15, log=_Told(began)))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await run(pool, "return 1") == 1


async def test_the_queue_has_an_end(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1, queue=2)) as pool:
        code = await make_code(pool, route("import time", "time.sleep(0.3)"))
        results = await asyncio.gather(*(call(pool, code) for _ in range(6)), return_exceptions=True)
        assert sum(isinstance(result, PoolBusy) for result in results) == 4 - 1
        assert not [
            result for result in results if isinstance(result, BaseException) and not isinstance(result, PoolBusy)
        ]


async def test_calls_within_calls_have_workers_of_their_own(compiled_guest: int) -> None:
    async with Pool(compiled_guest, PoolSettings(workers=1, depth=3)) as pool:
        code = await make_code(pool, route("return ctx.storage.get('k')"))
        request = {
            "op": "route",
            "handler": "run",
            "request": {"method": "GET", "path": "/"},
            "context": {"plugin": {"id": "a.b", "version": "1"}},
        }

        def at(depth: int):  # type: ignore[no-untyped-def]
            async def host(_name: str, _arguments: object) -> dict[str, object]:
                outcome = await pool.call(code, request, host=at(depth + 1), limits=Limits(), depth=depth + 1)
                return {"found": True, "value": outcome.value}

            return host

        with pytest.raises(SandboxError, match="deep"):
            await pool.call(code, request, host=at(0), limits=Limits())


async def test_plugins_forget_under_memory_pressure_and_come_back(compiled_guest: int) -> None:
    settings = PoolSettings(workers=1, worker_memory_bytes=8 * 1024 * 1024)
    async with Pool(compiled_guest, settings) as pool:
        codes = [await make_code(pool, route(f"return {number}")) for number in range(12)]
        for _ in range(2):
            for number, code in enumerate(codes):
                assert (await call(pool, code)).value["body"] == number
        (worker,) = pool._staff._workers
        assert len(worker.loaded) < len(codes)


async def test_a_module_name_that_cannot_be_imported_is_refused(pool: Pool) -> None:
    with pytest.raises(InvalidInput) as caught:
        await pool.compile({"not-a-name.py": b""}, "m:Main")
    assert caught.value.code == "bundle.module_name"
