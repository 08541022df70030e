import asyncio

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database
from rising_bsm.errors import Error
from rising_bsm.runtime import CallLog, LogLine, RuntimeLimits, erase
from rising_bsm.runtime.log import PluginLogs
from rising_bsm.sandbox import LogLimitExceeded, Pool
from support.runtime import PLUGIN, Instance, make_plugin, open_instance

pytestmark = pytest.mark.anyio


def make_line(message: str = "hello") -> LogLine:
    return LogLine("info", "log", message)


async def test_lines_are_kept_as_they_were_the_newest_first(database: Database) -> None:
    logs = PluginLogs(database, RuntimeLimits())
    lines = [LogLine("error", "stderr", "ü\\x00", {"a": [None, "\u20ac"], "b": {}}), make_line()]

    await logs.keep("acme.test", lines)
    await logs.keep("acme.other", [make_line("another's")])

    assert await logs.newest("acme.test", 10) == lines[::-1]
    assert await logs.newest("acme.test", 1) == lines[1:]
    assert (await logs.newest("acme.test", 1))[0].as_dict().keys() == {"at", "level", "source", "message", "details"}


async def test_only_the_newest_lines_of_each_plugin_are_kept(database: Database) -> None:
    logs = PluginLogs(database, RuntimeLimits(log_lines=5))
    await logs.keep("acme.other", [make_line("another's")])

    for start in range(0, 12, 3):
        await logs.keep("acme.test", [make_line(str(number)) for number in range(start, start + 3)])

    assert [line.message for line in await logs.newest("acme.test", 100)] == ["11", "10", "9", "8", "7"]
    assert len(await logs.newest("acme.other", 100)) == 1


async def test_calls_that_log_at_once_lose_nothing(database: Database) -> None:
    logs = PluginLogs(database, RuntimeLimits())

    await asyncio.gather(*(logs.keep("acme.test", [make_line(str(number))]) for number in range(20)))

    assert {line.message for line in await logs.newest("acme.test", 100)} == {str(number) for number in range(20)}


async def test_what_is_erased_is_gone(database: Database) -> None:
    logs = PluginLogs(database, RuntimeLimits())
    await logs.keep("acme.test", [make_line()])
    await logs.keep("acme.test2", [make_line()])

    async with database.transaction() as session:
        await erase(session, "acme.test")

    assert await logs.newest("acme.test", 10) == []
    assert len(await logs.newest("acme.test2", 10)) == 1


def test_one_call_logs_only_so_much() -> None:
    log = CallLog(RuntimeLimits(log_bytes=20))
    log.write("info", "é" * 5, {"a": 1})

    with pytest.raises(Error) as refusal:
        log.write("info", "x" * 3, {})

    assert refusal.value.code == "plugin.log_limit"
    assert len(log.lines) == 1


def test_long_lines_are_cut_and_the_oldest_of_many_go() -> None:
    log = CallLog(RuntimeLimits(log_lines=3, line_characters=10))
    log.printed("stdout", "\n".join(str(number) for number in range(5)))
    log.write("info", "x" * 20, {"a": "y" * 20})

    assert [line.message for line in log.lines] == ["3", "4", "xxxxxxxxx…"]
    assert log.lines[-1].details == {"cut": '{"a": "yyyyyyyyyyyyyyyyyyyy"}'}


def test_a_stream_that_there_is_not_is_standard_output() -> None:
    log = CallLog(RuntimeLimits())
    log.printed("host", "forged")

    assert log.lines[0].source == "stdout"


async def test_what_a_plugin_says_is_in_its_log_without_anything_that_steers_a_terminal(instance: Instance) -> None:
    await instance.attach("""
    @route("GET", "/")
    def run(self, ctx, request):
        import sys
        ctx.log.info("one\\ntwo \\x1b[2J", secret="\\x1b]0;x\\x07", deep=[{"\\u202e": "\\r"}])
        ctx.log.warning("careful")
        print("printed\\x1b[31m\\nsecond\\x85line")
        print("\\ue000 wrong", file=sys.stderr)
    """)

    await instance.get()

    lines = (await instance.runtime.log_of(PLUGIN))[::-1]
    assert [(line.source, line.level, line.message) for line in lines[:4]] == [
        ("log", "info", "one\\ntwo \\x1b[2J"),
        ("log", "warning", "careful"),
        ("stdout", "info", "printed\\x1b[31m"),
        ("stdout", "info", "second\\x85line"),
    ]
    assert lines[0].details == {"secret": "\\x1b]0;x\\x07", "deep": [{"\\u202e": "\\r"}]}
    assert (lines[4].source, lines[4].message) == ("stderr", "\\ue000 wrong")


async def test_what_was_logged_before_a_failure_is_kept_with_the_failure(instance: Instance) -> None:
    await instance.attach("""
    @route("GET", "/")
    def run(self, ctx, request):
        ctx.log.info("before")
        raise ValueError("boom\\x1b")
    """)

    with pytest.raises(Error):
        await instance.get()

    failure, before = await instance.runtime.log_of(PLUGIN)
    assert before.message == "before"
    assert (failure.source, failure.level) == ("host", "error")
    assert failure.message == "acme.test failed on GET /: The plugin raised ValueError: boom\\x1b"
    assert failure.details == {"place": "test_plugin.py:9"}


async def test_a_plugin_that_floods_its_log_is_stopped(instance: Instance) -> None:
    await instance.attach("""
    @route("GET", "/print")
    def flood(self, ctx, request):
        while True:
            print("x" * 1_000)
    @route("GET", "/log")
    def log(self, ctx, request):
        for number in range(1_000):
            try:
                ctx.log.info("x" * 1_000)
            except HostError as error:
                return [number, error.code]
    """)

    with pytest.raises(LogLimitExceeded):
        await instance.get("/print")
    answer = await instance.get("/log")

    assert answer.body == [65, "plugin.log_limit"]
    assert len(await instance.runtime.log_of(PLUGIN, 1_000)) <= 65 + 1 + 65


async def test_a_call_that_says_nothing_writes_nothing(pool: Pool) -> None:
    async with open_instance(pool) as instance:
        plugin = await make_plugin(
            pool,
            """
        @route("GET", "/")
        def run(self, ctx, request):
            return ctx.plugin.id
        """,
        )
        instance.runtime.attach(plugin)
        async with instance.database.transaction():
            answer = await asyncio.create_task(instance.get())
        assert answer.body == PLUGIN


async def test_what_a_hook_says_is_logged(instance: Instance) -> None:
    await instance.attach("""
    @before("customers.create")
    def check(self, ctx, draft):
        print("asked about", draft["email"])
    """)

    await instance.customers.create(SYSTEM, {"name": "Ada", "email": "ada@x.example"})

    assert [line.message for line in await instance.runtime.log_of(PLUGIN)] == ["asked about ada@x.example"]
