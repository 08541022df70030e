import asyncio
from typing import Any

import pytest
from litestar import get
from litestar.types import Scope

from rising_bsm.web.gate import PUBLIC
from rising_bsm.web.turns import READS, Turns
from support.web import Instance

pytestmark = pytest.mark.anyio

NOT_IN_TURN = {"/health", "/metrics", "/sign-in", "/assets/{name:str}", "/api/openapi.json", "/api/ext", "/api/roles"}
# These wait for a marketplace, or for what is being installed.
NOT_IN_TURN |= {"/api/market/plugins", "/api/market/plugins/{plugin_id:str}"}
NOT_IN_TURN |= {"/api/market/installs/{install_id:uuid}/events"}
# So do the pages of it; others wait for plugins, or read files that were sent in.
WAITING = (
    "/api/ext/",
    "/marketplace",
    "/plugin-ui/",
    "/plugins/{plugin_id:str}/components/",
    "/operating/submissions/",
)
WAITING += ("/plugins/{plugin_id:str}/pictures/", "/operating/index")


class Requests:
    """Requests to a route behind turns, which are answered one by one when the test says so."""

    def __init__(self, *, at_once: int, reads: bool = True) -> None:
        self._turns = Turns(at_once)
        self._opt = {READS: True} if reads else {}
        self.begun: list[int] = []
        self._ends: dict[int, asyncio.Future[None]] = {}

    async def send(self, number: int) -> asyncio.Task[None]:
        self._ends[number] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._turns.handle(self._scope(), None, None, self._app(number)))  # type: ignore[arg-type]
        await _settle()
        return task

    async def answer(self, number: int, error: Exception | None = None) -> None:
        end = self._ends[number]
        end.set_exception(error) if error else end.set_result(None)
        await _settle()

    def _app(self, number: int) -> Any:
        async def app(_scope: Scope, _receive: Any, _send: Any) -> None:
            self.begun.append(number)
            await self._ends[number]

        return app

    def _scope(self) -> Scope:
        @get("/", opt=self._opt)
        async def handler() -> None: ...

        return {"type": "http", "route_handler": handler}  # type: ignore[return-value, typeddict-item]


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_they_are_answered_in_the_order_of_asking_and_so_many_at_once() -> None:
    requests = Requests(at_once=2)
    tasks = [await requests.send(number) for number in range(5)]
    assert requests.begun == [0, 1]

    for number in (1, 0, 2):
        await requests.answer(number)

    assert requests.begun == [0, 1, 2, 3, 4]
    for number in (3, 4):
        await requests.answer(number)
    await asyncio.gather(*tasks)


async def test_one_that_fails_or_goes_away_gives_its_turn_to_the_next() -> None:
    requests = Requests(at_once=1)
    tasks = [await requests.send(number) for number in range(4)]

    await requests.answer(0, ValueError("broken"))
    assert requests.begun == [0, 1]
    tasks[2].cancel()
    tasks[1].cancel()
    await _settle()
    assert requests.begun == [0, 1, 3]

    await requests.answer(3)
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end).__name__ for end in ends] == ["ValueError", "CancelledError", "CancelledError", "NoneType"]


async def test_what_may_take_its_time_takes_no_turn() -> None:
    requests = Requests(at_once=1, reads=False)
    tasks = [await requests.send(number) for number in range(3)]

    assert requests.begun == [0, 1, 2]
    for number in range(3):
        await requests.answer(number)
    await asyncio.gather(*tasks)


async def test_all_that_only_reads_takes_turns(instance: Instance) -> None:
    reading = {
        (route.path, READS in handler.opt)
        for route in instance.app.routes
        for handler in getattr(route, "route_handlers", [])
        if "GET" in handler.http_methods
    }
    in_turn = {path for path, is_marked in reading if is_marked}
    others = {path for path, is_marked in reading if not is_marked}
    assert {"/api/customers", "/api/activity", "/api/plugins"} <= in_turn
    assert {path for path in others if not path.startswith(WAITING)} <= NOT_IN_TURN


async def test_nothing_takes_a_turn_that_strangers_may_ask_for_or_that_changes_something(instance: Instance) -> None:
    for route in instance.app.routes:
        for handler in getattr(route, "route_handlers", []):
            if READS in handler.opt:
                assert handler.http_methods <= {"GET"}
                assert PUBLIC not in handler.opt
