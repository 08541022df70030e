"""What the operator sees of submissions, publishers and the marketplace as a whole."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from rising_bsm.analysis.finding import Finding
from rising_bsm.db import iso
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.marketplace.operating.directory import DirectoryQuery
from rising_bsm.marketplace.operating.operation import Operation
from rising_bsm.marketplace.operating.queue import QueueQuery
from support.office import Desk
from support.travel import START, at

pytestmark = pytest.mark.anyio

NO = {"decision": "request_changes", "reason": "Say why it needs users."}


async def ids(desk: Desk, **query: Any) -> list[str]:
    page = await Operation(desk.database).queue.page(desk.boss, QueueQuery.of(query))
    assert page["total"] >= len(page["items"])
    return [item["version"] for item in page["items"]]


async def test_what_has_waited_longest_comes_first(on_each_database: Desk) -> None:
    desk = on_each_database
    desk.findings = [Finding("error", "secrets", "A key."), Finding("warning", "size", "Large.")]
    for days, version in enumerate(("1.0.0", "1.1.0", "1.2.0")):
        with at(START + timedelta(days=days)):
            await desk.in_review(version)
    with at(START + timedelta(days=3, hours=1)):
        assert await ids(desk, state="in_review") == ["1.0.0", "1.1.0", "1.2.0"]
        assert await ids(desk, sort="-submitted_at") == ["1.2.0", "1.1.0", "1.0.0"]
        assert await ids(desk, days=2) == ["1.0.0", "1.1.0"]
        assert await ids(desk, offset=1, limit=1) == ["1.1.0"]
        assert await ids(desk, search="ACME.h") == ["1.0.0", "1.1.0", "1.2.0"]
        assert await ids(desk, search="%") == []
    page = await Operation(desk.database).queue.page(desk.boss, QueueQuery(limit=1))
    assert (page["total"], page["states"]) == (3, {"in_review": 3})
    assert (page["items"][0]["errors"], page["items"][0]["warnings"]) == (1, 1)


async def test_states_are_counted_whatever_is_asked_for(desk: Desk) -> None:
    submission = await desk.in_review("1.0.0")
    await desk.submissions.decide(desk.boss, submission.id, NO)
    await desk.submit("1.1.0", draft=True)
    queue = Operation(desk.database).queue
    page = await queue.page(desk.boss, QueueQuery.of({"state": "open"}))
    assert [item["version"] for item in page["items"]] == ["1.1.0"]
    assert page["states"] == {"changes_requested": 1, "draft": 1}
    history = await queue.history(desk.boss, "acme")
    assert history["states"] == page["states"]
    assert [one["version"] for one in history["latest"]] == ["1.1.0", "1.0.0"]
    assert history["latest"][1]["decisions"][0]["reason"] == NO["reason"]


async def test_since_when_the_first_waits(desk: Desk) -> None:
    queue = Operation(desk.database).queue
    assert await queue.waiting(desk.boss) == {"count": 0, "since": None}
    with at(START):
        await desk.in_review("1.0.0")
    waiting = await queue.waiting(desk.boss)
    assert (waiting["count"], waiting["since"]) == (1, iso(START))


async def test_publishers_are_found(on_each_database: Desk) -> None:
    desk = on_each_database
    await desk.released("1.0.0")
    directory = Operation(desk.database).directory
    page = await directory.page(desk.boss, DirectoryQuery.of({"search": "cme", "verified": "false"}))
    [item] = page["items"]
    assert (page["total"], item["name"], item["plugins"], item["installs"]) == (1, "acme", 1, 0)
    assert (await directory.page(desk.boss, DirectoryQuery.of({"verified": "true"})))["items"] == []
    one = await directory.one(desk.boss, "acme")
    assert [plugin["plugin_id"] for plugin in one["plugins"]] == ["acme.hello"]
    assert one["owner"]["active"]
    with pytest.raises(NotFound, match="no such publisher"):
        await directory.one(desk.boss, "nobody")


async def test_the_whole_in_numbers(on_each_database: Desk) -> None:
    desk = on_each_database
    await desk.released("1.0.0")
    operation = Operation(desk.database)
    numbers = {"plugins": 1, "installs": 0, "downloads": 0, "instances": 0, "publishers": 1, "unverified": 1}
    assert await operation.numbers(desk.boss) == numbers | {"licences": 0}
    assert await operation.most_used(desk.boss) == []
    assert (await operation.plugin(desk.boss, "acme.hello"))["listed"]
    with pytest.raises(NotFound, match="no such plugin"):
        await operation.plugin(desk.boss, "acme.other")


VERBS: list[Callable[[Operation, Any], Awaitable[Any]]] = [
    lambda operation, actor: operation.numbers(actor),
    lambda operation, actor: operation.most_used(actor),
    lambda operation, actor: operation.plugin(actor, "acme.hello"),
    lambda operation, actor: operation.queue.page(actor, QueueQuery()),
    lambda operation, actor: operation.queue.history(actor, "acme"),
    lambda operation, actor: operation.queue.waiting(actor),
    lambda operation, actor: operation.directory.page(actor, DirectoryQuery()),
    lambda operation, actor: operation.directory.one(actor, "acme"),
]


async def test_only_the_operator_sees_it(desk: Desk) -> None:
    await desk.released("1.0.0")
    for verb in VERBS:
        with pytest.raises(PermissionDenied):
            await verb(Operation(desk.database), desk.owner)
        await verb(Operation(desk.database), desk.boss)


@pytest.mark.parametrize("query", [{"state": "x"}, {"days": "-1"}, {"sort": "x"}, {"search": "\x00"}, {"x": "1"}])
def test_what_cannot_be_asked_for(query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        QueueQuery.of(query)
