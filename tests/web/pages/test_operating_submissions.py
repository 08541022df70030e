"""The operator's pages of submissions: the list, one with its differences, and the decision."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import uuid7
from rising_bsm.sandbox import Pool
from support.reviewing import BAIT, Reviewing, reviewing
from support.web import Instance, running

pytestmark = pytest.mark.anyio

ERROR = {"severity": "error", "code": "secrets", "message": "<b>A key</b> is in it.", "place": "code/a.py:1"}
HIDDEN = "x = 'a\u202eb'\n"
HERE = "/operating/submissions"


@pytest.fixture
async def office(instance: Instance) -> AsyncIterator[Reviewing]:
    found = await reviewing(instance)
    async with found.authors, found.bosses:
        yield found


async def seen(answer: httpx.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return answer.text


async def test_the_list_begins_with_what_waits(office: Reviewing) -> None:
    waiting = await office.in_review("1.0.0", found=[ERROR, BAIT])
    shown = await seen(await office.bosses.get(HERE))
    assert f"{HERE}/{waiting}" in shown
    assert "1 error" in shown
    assert "Waits for review (1)" in shown
    assert "Nothing fits" in await seen(await office.bosses.get(f"{HERE}?state=rejected"))
    assert f"{HERE}/{waiting}" in await seen(
        await office.bosses.get(f"{HERE}?state=all&search=acme&sort=-submitted_at")
    )
    assert "Nothing fits" in await seen(await office.bosses.get(f"{HERE}?days=7"))
    await seen(await office.bosses.get(f"{HERE}?state=nothing"), 422)


async def test_without_submissions_it_says_what_comes_here(office: Reviewing) -> None:
    assert "Nothing waits for review" in await seen(await office.bosses.get(HERE))


async def test_a_reviewer_sees_what_there_is_to_see(office: Reviewing) -> None:
    await office.released("1.0.0", files={"code/a.py": b"x = 1\ny = 2\n"})
    asked = {"permissions": [{"code": "customers.read", "reason": "To greet <i>them</i>."}]}
    files = {"code/a.py": b"x = 1\ny = 3\n", "code/b.py": HIDDEN.encode()}
    submission = await office.in_review("1.1.0", found=[ERROR, BAIT], files=files, **asked)
    shown = await seen(await office.bosses.get(f"{HERE}/{submission}"))
    assert "&lt;b&gt;A key&lt;/b&gt; is in it." in shown
    assert "<b>A key" not in shown
    assert "3 calls on bait customers" in shown
    assert "compared with 1.0.0" in shown
    assert "customers.read" in shown
    assert "To greet &lt;i&gt;them&lt;/i&gt;." in shown
    assert "<del>y = 2</del>" in shown
    assert "<ins>y = 3</ins>" in shown
    assert '<mark class="unseen" title="RIGHT-TO-LEFT OVERRIDE">\\u202e</mark>' in shown
    assert "\u202e" not in shown
    assert "1.0.0" in shown


async def test_a_first_version_is_all_new(office: Reviewing) -> None:
    submission = await office.in_review("1.0.0")
    shown = await seen(await office.bosses.get(f"{HERE}/{submission}"))
    assert "it is the first version" in shown
    assert "<ins>class Hello:</ins>" in shown


async def test_long_differences_come_in_pages(office: Reviewing) -> None:
    lines = "".join(f"x{number} = {number}\n" for number in range(1_000)).encode()
    submission = await office.in_review("1.0.0", files={"code/long.py": lines})
    shown = await seen(await office.bosses.get(f"{HERE}/{submission}"))
    assert "x399 = 399" in shown
    assert "x400 = 400" not in shown
    more = await seen(await office.bosses.get(f"{HERE}/{submission}/diff?name=code/long.py&at=400"))
    assert "x400 = 400" in more
    assert "x799 = 799" in more
    assert "at=800" in more
    last = await seen(await office.bosses.get(f"{HERE}/{submission}/diff?name=code/long.py&at=800"))
    assert "x999 = 999" in last
    assert "at=" not in last


async def test_a_file_can_be_read_as_it_is(office: Reviewing) -> None:
    files = {"code/b.py": HIDDEN.encode() * 500, "code/data.bin": b"\xff\xfe"}
    submission = await office.in_review("1.0.0", files=files)
    shown = await seen(await office.bosses.get(f"{HERE}/{submission}/file?name=code/b.py"))
    assert shown.count('class="diff-number"') == 400
    assert "\u202e" not in shown
    assert "at=400" in shown
    assert "This is no text" in await seen(await office.bosses.get(f"{HERE}/{submission}/file?name=code/data.bin"))
    for path in ("code/nothing.py", "../secret.key", "", "%00"):
        for page in ("file", "diff"):
            await seen(await office.bosses.get(f"{HERE}/{submission}/{page}?name={path}"), 404)
    await seen(await office.bosses.get(f"{HERE}/{submission}/file?name=code/b.py&at=-5"))


async def test_a_bundle_is_saved_and_not_shown(office: Reviewing) -> None:
    submission = await office.in_review("1.0.0")
    answer = await office.bosses.get(f"{HERE}/{submission}/bundle")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content[:2] == b"PK"


async def test_a_decision_needs_a_reason(office: Reviewing) -> None:
    submission = await office.in_review("1.0.0")
    at = f"{HERE}/{submission}"
    shown = await seen(await office.bosses.post(at, data={"decision": "reject", "reason": " "}), 422)
    assert 'value="reject" required checked' in shown
    await seen(await office.bosses.post(at, data={"decision": "shrug", "reason": "Hm."}), 422)
    done = await office.bosses.post(at, data={"decision": "reject", "reason": "It <copies> acme."})
    assert (done.status_code, done.headers["location"]) == (303, at)
    shown = await seen(await office.bosses.get(at))
    assert "It &lt;copies&gt; acme." in shown
    assert "acme.hello 1.0.0: Rejected." in shown
    assert 'name="decision"' not in shown
    shown = await seen(await office.bosses.post(at, data={"decision": "approve", "reason": "Yes."}), 409)
    assert "submissions.wrong_state" in shown


async def test_the_history_of_the_publisher_stands_beside(office: Reviewing) -> None:
    first = await office.in_review("1.0.0")
    await office.bosses.post(f"{HERE}/{first}", data={"decision": "reject", "reason": "No."})
    second = await office.in_review("1.1.0")
    shown = await seen(await office.bosses.get(f"{HERE}/{second}"))
    assert f"{HERE}/{first}" in shown
    assert "/operating/publishers/acme" in shown


async def test_only_the_operator_gets_there(office: Reviewing, instance: Instance) -> None:
    submission = await office.in_review("1.0.0")
    pages = [HERE, f"{HERE}/{submission}", f"{HERE}/{submission}/diff", f"{HERE}/{submission}/bundle", "/operating"]
    async with await instance.browser(Role.MANAGER) as manager:
        for client in (office.authors, manager):
            for path in pages:
                assert (await client.get(path)).status_code == 403
            assert (await client.post(f"{HERE}/{submission}", data={})).status_code == 403
    async with instance.visitor(accept="text/html") as stranger:
        assert (await stranger.get(HERE)).headers["location"].startswith("/sign-in")
    await seen(await office.bosses.get(f"{HERE}/{uuid7()}"), 404)


async def test_without_a_marketplace_the_pages_say_where_it_is(tmp_path: Path, pool: Pool) -> None:
    url = "https://market.example.com"
    async with running(tmp_path / "data", pool=pool, marketplace_url=url) as found, await found.browser() as admin:
        for path in ("/operating", HERE, "/operating/licenses", "/operating/index", "/publishing"):
            answer = await admin.get(path, headers={"accept": "text/html"})
            assert (answer.status_code, url in answer.text) == (404, True)
