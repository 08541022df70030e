"""The queue of the scanner: in order, once each, and again what was broken off."""

from datetime import datetime, timedelta

import pytest

from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.bundle import open_unsigned
from rising_bsm.db import now, stopped_clock
from rising_bsm.marketplace.submissions.scanner import CLAIM
from rising_bsm.marketplace.submissions.schema import Listing
from rising_bsm.sandbox import PoolBusy
from support.bundles import make_key
from support.office import Desk, bundle, key_draft, publisher_draft

pytestmark = pytest.mark.anyio

WRONG = Finding("error", "secrets.found", "This looks like a key.", "code/x.py:3", "Take it out.")


async def test_what_came_first_is_scanned_first_and_the_author_sees_what_was_found(on_each_database: Desk) -> None:
    desk = on_each_database
    first, second = await desk.submit("1.0.0"), await desk.submit("1.1.0")
    positions = [(await desk.submissions.get(desk.owner, one.id))["position"] for one in (first, second)]
    assert positions == [1, 2]
    desk.findings = [WRONG]
    assert await desk.scanner.scan_next() == first.id
    said = await desk.submissions.get(desk.owner, first.id)
    assert (said["state"], said["errors"], said["position"]) == ("in_review", 1, 1)
    assert said["findings"] == [WRONG.as_dict()]
    assert (await desk.submissions.get(desk.owner, second.id))["position"] == 1
    assert await desk.scanner.scan_next() == second.id
    assert await desk.scanner.scan_next() is None


async def test_a_draft_waits_for_its_author(desk: Desk) -> None:
    draft = await desk.submit(draft=True)
    assert await desk.scanner.scan_next() is None
    await desk.submissions.send(desk.owner, draft.id)
    assert await desk.scanner.scan_next() == draft.id


async def test_two_processes_scan_a_submission_once(on_each_database: Desk) -> None:
    desk = on_each_database
    submission = await desk.submit()
    other = desk.new_scanner()
    assert await other._claimed() is not None  # what it does before it scans
    assert await desk.scanner.scan_next() is None
    assert await desk.state(submission) == "scanning"


async def test_a_scan_that_was_broken_off_is_done_anew(on_each_database: Desk) -> None:
    desk, start = on_each_database, now()
    submission = await desk.submit()
    with stopped_clock(start):
        assert await desk.new_scanner()._claimed() is not None  # and the process is killed
    with stopped_clock(start + CLAIM - timedelta(seconds=1)):
        assert await desk.scanner.scan_next() is None
    with stopped_clock(start + CLAIM + timedelta(seconds=1)):
        assert await desk.scanner.scan_next() == submission.id
    assert await desk.state(submission) == "in_review"


async def test_who_comes_back_late_says_nothing_any_more(desk: Desk) -> None:
    start: datetime = now()
    submission, slow = await desk.submit(), desk.new_scanner()

    async def scan(_data: bytes, _around: Surroundings) -> list[Finding]:
        with stopped_clock(start + 2 * CLAIM):
            assert await desk.scanner.scan_next() == submission.id
        return [WRONG]

    slow._scan = scan
    await slow.scan_next()
    assert (await desk.submissions.get(desk.owner, submission.id))["errors"] == 0


async def test_what_is_withdrawn_meanwhile_stays_so(desk: Desk) -> None:
    submission = await desk.submit()

    async def scan(_data: bytes, _around: Surroundings) -> list[Finding]:
        await desk.submissions.withdraw(desk.owner, submission.id)
        return [WRONG]

    desk.scanner._scan = scan
    await desk.scanner.scan_next()
    assert await desk.state(submission) == "withdrawn"


async def test_a_scan_that_breaks_is_for_a_person_to_look_at(desk: Desk) -> None:
    async def scan(_data: bytes, _around: Surroundings) -> list[Finding]:
        raise KeyError("x")

    submission, desk.scanner._scan = await desk.submit(), scan
    await desk.scanner.scan_next()
    said = await desk.submissions.get(desk.owner, submission.id)
    assert (said["state"], [one["code"] for one in said["findings"]]) == ("in_review", ["scan.failed"])


async def test_a_sandbox_without_room_is_tried_again_later(desk: Desk) -> None:
    async def scan(_data: bytes, _around: Surroundings) -> list[Finding]:
        raise PoolBusy("Full.")

    submission, desk.scanner._scan = await desk.submit(), scan
    with pytest.raises(PoolBusy):
        await desk.scanner.scan_next()
    assert await desk.state(submission) == "scanning"


async def test_it_is_compared_with_what_there_is(desk: Desk) -> None:
    await desk.approved("1.0.0")
    await desk.in_review("1.1.0")
    around = desk.scanned[-1]
    assert [one.plugin_id for one in around.neighbours] == ["acme.hello"]
    assert around.size_before == sum(map(len, open_unsigned(bundle("1.0.0")).files.values()))


async def test_while_it_is_open_it_scans_by_itself(desk: Desk) -> None:
    import asyncio

    async with desk.scanner:
        submission = await desk.submit()
        async with asyncio.timeout(10):
            while await desk.state(submission) != "in_review":  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)


async def test_lists_are_paged_and_filtered(desk: Desk) -> None:
    made = [await desk.submit(f"1.0.{number}") for number in range(5)]
    seen: list[str] = []
    before = None
    while True:
        page = await desk.submissions.list(desk.boss, Listing.of({"limit": 2, "before": before}))
        seen += [one["id"] for one in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert seen == [str(one.id) for one in reversed(made)]
    assert (await desk.submissions.list(desk.boss, Listing.of({"state": "approved"})))["items"] == []
    assert len((await desk.submissions.list(desk.owner, Listing.of({"plugin": "acme.hello"})))["items"]) == 5


async def test_names_are_compared_with_those_that_wait_too(desk: Desk) -> None:
    await desk.publishers.create(desk.stranger, publisher_draft("globex"))
    await desk.publishers.add_key(desk.stranger, "globex", key_draft("globex", make_key(5)))
    theirs = {"actor": desk.stranger, "publisher": "globex", "key": make_key(5)}
    await desk.submit("2.0.0", draft=True, name="draft", **theirs)
    await desk.released("1.0.0")
    await desk.in_review("3.0.0", display_name="Hello Plus", **theirs)

    await desk.in_review("1.1.0")

    about = [(one.plugin_id, one.display_name) for one in desk.scanned[-1].neighbours]
    assert about == [("acme.hello", "Hello"), ("globex.hello", "Hello Plus")]
