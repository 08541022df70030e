"""Frames of attached plugins: who is shown them, what of their files is given out, and what they may ask."""

from collections.abc import AsyncIterator, Mapping

import pytest

from rising_bsm.bundle.frames import Frame
from rising_bsm.bundle.manifest import Exports
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.runtime import ActivePlugin
from rising_bsm.runtime.accounting.executions import ExecutionQuery, Executions
from rising_bsm.runtime.errors import PluginNotActive
from rising_bsm.sandbox import PluginCode, Pool
from support.people import make_actor, make_customer
from support.runtime import Instance, open_instance

pytestmark = pytest.mark.anyio

ID, DIGEST = "acme.board", "0f" * 32
BOARD = Frame(name="board", mount="page", title="Board", file="board.html", permission="customers.read")
FIRST = Frame(name="first", mount="dashboard.widget", title="First", file="open.html", order=5)
LATER = Frame(name="later", mount="dashboard.widget", title="Later", file="open.html")


async def files() -> Mapping[str, bytes]:
    return {"board.html": b"<p>", "deep/a.js": b"1"}


async def no_code() -> PluginCode:
    raise AssertionError("a frame needs no code of the sandbox")


def framing(*grants: str, digest: str = DIGEST) -> ActivePlugin:
    shown = (BOARD, LATER, FIRST)
    return ActivePlugin(
        ID, "1.0.0", frozenset(grants), Exports(), no_code, frames=shown, files=files, digest=digest, name="Board"
    )


@pytest.fixture
async def instance(pool: Pool) -> AsyncIterator[Instance]:
    async with open_instance(pool) as running:
        running.runtime.attach(framing("customers.read"))
        yield running


async def test_frames_are_shown_in_their_order_to_those_who_may(instance: Instance) -> None:
    frames, anybody = instance.runtime.frames, make_actor(permissions=["notifications.read"])
    assert frames.at("dashboard.widget", make_actor(permissions=["marketplace.publish"])) == []
    assert [frame.name for _, frame in frames.at("dashboard.widget", anybody)] == ["first", "later"]
    assert frames.at("page", anybody) == []
    assert [frame.name for _, frame in frames.at("page", make_actor())] == ["board"]
    with pytest.raises(PermissionDenied):
        frames.find(ID, "board", anybody)


async def test_a_file_of_the_active_version_and_no_other(instance: Instance) -> None:
    frames = instance.runtime.frames
    assert await frames.file(ID, DIGEST, "deep/a.js") == b"1"
    for digest, path in ((DIGEST, "nothing.js"), ("1e" * 32, "board.html"), (DIGEST, "../manifest.json")):
        with pytest.raises(NotFound):
            await frames.file(ID, digest, path)


async def test_a_plugin_that_is_off_shows_nothing(instance: Instance) -> None:
    frames = instance.runtime.frames
    assert await frames.file(ID, DIGEST, "board.html")
    instance.runtime.detach(ID)
    assert frames.at("dashboard.widget", make_actor()) == []
    with pytest.raises(PluginNotActive):
        await frames.file(ID, DIGEST, "board.html")
    with pytest.raises(PluginNotActive):
        await frames.ask(ID, "first", "customers.count", {}, make_actor())


async def test_a_frame_acts_for_who_looks_within_the_grants(instance: Instance) -> None:
    frames, customer = instance.runtime.frames, await make_customer(instance.database)
    assert await frames.ask(ID, "first", "customers.count", {}, make_actor()) == 1
    with pytest.raises(PermissionDenied):
        await frames.ask(ID, "first", "customers.count", {}, make_actor(permissions=["notifications.read"]))
    with pytest.raises(PermissionDenied):
        await frames.ask(ID, "first", "customers.delete", {"id": str(customer.id)}, make_actor())
    with pytest.raises(NotFound):
        await frames.ask(ID, "first", "no.such", {}, make_actor())
    with pytest.raises(InvalidInput):
        await frames.ask(ID, "first", "customers.count", {"who": "?"}, make_actor())
    assert len(await instance.emails()) == 1


async def test_what_is_refused_is_recorded_and_never_pauses_the_plugin(instance: Instance) -> None:
    frames = instance.runtime.frames
    for _ in range(50):
        with pytest.raises(PermissionDenied):
            await frames.ask(ID, "first", "appointments.list", {}, make_actor())
    assert await frames.ask(ID, "first", "customers.count", {}, make_actor()) == 0
    await instance.runtime.accounting.tick()
    page = await Executions(instance.database).list(ID, ExecutionQuery.of({"kind": "frame", "limit": "200"}))
    assert [one.status for one in page.items].count("refused") == 50
    assert {(one.entry, one.kind) for one in page.items} == {("in frame first", "frame")}
