"""The publisher's pages: becoming one, keys, bringing a bundle, following it, one's plugins."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from support.bundles import make_key
from support.office import bundle, key_draft
from support.reviewing import Reviewing, reviewing
from support.web import Instance

pytestmark = pytest.mark.anyio

NEW = {"name": "meadow", "display_name": "Meadow", "email": "hello@meadow.example", "website": ""}
OWN = "/publishing/acme.hello"


@pytest.fixture
async def office(instance: Instance) -> AsyncIterator[Reviewing]:
    found = await reviewing(instance)
    async with found.authors, found.bosses:
        yield found


async def seen(answer: httpx.Response, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return answer.text


async def done(client: httpx.AsyncClient, at: str, **data: Any) -> str:
    """What the page says after this was done."""
    answer = await client.post(at, data=data)
    assert answer.status_code == 303, answer.text
    return await seen(await client.get(answer.headers["location"]))


def file_of(data: bytes) -> dict[str, Any]:
    return {"bundle": ("acme.rbsm", data, "application/octet-stream")}


async def test_publishers_begin_with_their_plugins_and_see_nothing_else(instance: Instance) -> None:
    async with await instance.browser(Role.PUBLISHER) as browser:
        assert (await browser.get("/")).headers["location"] == "/publishing"
        shown = await seen(await browser.get("/publishing"))
        assert "You publish nothing yet" in shown
        assert 'href="/customers"' not in shown
        assert 'href="/operating' not in shown
        assert (await browser.get("/operating")).status_code == 403
    async with await instance.browser(Role.EMPLOYEE) as browser:
        assert (await browser.get("/")).status_code == 200
        for path in ("/publishing", "/publishing/new", "/publishing/upload"):
            assert (await browser.get(path)).status_code == 403


async def test_becoming_a_publisher(instance: Instance) -> None:
    async with await instance.browser(Role.PUBLISHER) as browser:
        assert "Become a publisher first" in await seen(await browser.get("/publishing/upload"))
        wrong = await seen(await browser.post("/publishing/new", data=NEW | {"email": "nobody"}), 422)
        assert "not a valid e-mail address" in wrong
        assert 'value="meadow"' in wrong
        assert "Now register the key" in await done(browser, "/publishing/new", **NEW)
        await seen(await browser.post("/publishing/new", data=NEW), 409)
        assert "Register a key first" in await seen(await browser.get("/publishing/upload"))
        assert "Without a key nothing can be submitted" in await seen(await browser.get("/publishing"))


async def test_a_key_is_registered_by_its_proof(office: Reviewing) -> None:
    at, key = "/publishing/publishers/acme", make_key(9)
    for text in ("", "{", "[" * 9_000, json.dumps(key_draft("other", key))):
        await seen(await office.authors.post(at, data={"key": text}), 422)
    shown = await done(office.authors, at, key=json.dumps(key_draft("acme", key)))
    assert key.public_key.key_id in shown
    assert "no such publisher" in await seen(await office.authors.get("/publishing/publishers/other"), 404)
    assert "2 keys" in await seen(await office.authors.get("/publishing"))
    data = {"verb": "revoke_key", "key": key.public_key.key_id, "compromised": "false", "reason": "Put away."}
    assert "Put away." in await done(office.authors, at, **data)
    async with await office.instance.browser(Role.PUBLISHER) as rival:
        await seen(await rival.post(at, data=data), 404)


async def test_a_bundle_is_brought_and_followed(office: Reviewing) -> None:
    answer = await office.authors.post("/publishing/upload", data={"draft": "true"}, files=file_of(bundle("1.0.0")))
    assert answer.status_code == 303, answer.text
    at = answer.headers["location"]
    assert "nobody looks at it until you submit it" in await seen(await office.authors.get(at))
    assert "is withdrawn" in await done(office.authors, at, verb="withdraw")
    await seen(await office.authors.post(at, data={"verb": "send"}), 409)
    await seen(await office.bosses.get(at))
    async with await office.instance.browser(Role.PUBLISHER) as rival:
        await seen(await rival.get(at), 404)
        await seen(await rival.post(at, data={"verb": "withdraw"}), 404)


async def test_a_draft_is_sent(office: Reviewing) -> None:
    answer = await office.authors.post("/publishing/upload", data={"draft": "true"}, files=file_of(bundle("1.0.0")))
    shown = await done(office.authors, answer.headers["location"], verb="send")
    assert "The draft is submitted." in shown


async def test_a_script_is_told_where_to_go_on(office: Reviewing) -> None:
    asked = {"accept": "application/json"}
    made = await office.authors.post(
        "/publishing/upload", data={"draft": "true"}, files=file_of(bundle("1.0.0")), headers=asked
    )
    assert (made.status_code, made.json()["at"].startswith("/publishing/submissions/")) == (201, True)
    refused = await office.authors.post("/publishing/upload", files=file_of(b"x"), headers=asked)
    assert (refused.status_code, "message" in refused.json()) == (422, True)


WRONG = [
    ({}, None, "No bundle was chosen."),
    ({}, b"", "No bundle was chosen."),
    ({}, b"no archive", "bundle."),
    ({"channel": "nightly"}, bundle("1.0.0"), "submissions.channel"),
    ({}, bundle("1.0.0", key=make_key(33)), "bundle."),
]


@pytest.mark.parametrize(("data", "content", "said"), WRONG)
async def test_what_is_not_taken(office: Reviewing, data: dict[str, str], content: bytes | None, said: str) -> None:
    files = {} if content is None else {"files": file_of(content)}
    shown = await seen(await office.authors.post("/publishing/upload", data=data, **files), 422)
    assert said in shown
    found = await office.market.operation.queue.history(office.boss, "acme")
    assert found["states"] == {}


async def test_who_may_not_publish_brings_nothing(office: Reviewing) -> None:
    async with await office.instance.browser(Role.EMPLOYEE) as browser:
        assert (await browser.post("/publishing/upload", files=file_of(bundle("1.0.0")))).status_code == 403
    async with office.instance.browser_with("nothing", csrf=False) as stranger:
        assert (await stranger.post("/publishing/upload", data={"channel": "stable"})).status_code == 401
    user = await office.instance.add_user(Role.PUBLISHER)
    session = await office.instance.services.sessions.open(user.id)
    async with office.instance.browser_with(session, csrf=False) as forged:
        assert (await forged.post("/publishing/upload", data={"channel": "stable"})).status_code == 403


async def test_the_reviewers_words_are_read(office: Reviewing) -> None:
    submission = await office.in_review("1.0.0")
    verdict = {"decision": "request_changes", "reason": "Say <why>."}
    await office.market.office.submissions.decide(office.boss, submission, verdict)
    shown = await seen(await office.authors.get(f"/publishing/submissions/{submission}"))
    assert "Say &lt;why&gt;." in shown
    assert "Submit it again" in shown
    assert "It is large." in shown


async def test_an_approved_version_is_released_and_taken_back(office: Reviewing) -> None:
    submission = await office.in_review("1.0.0")
    verdict = {"decision": "approve", "reason": "Fine."}
    await office.market.office.submissions.decide(office.boss, submission, verdict)
    assert "1.0.0 is approved: release it" in await seen(await office.authors.get("/publishing"))
    shown = await done(office.authors, OWN, verb="release", version="1.0.0", security="true")
    assert "acme.hello 1.0.0 is released." in shown
    assert "Suspend" not in shown
    assert "Fine." in shown
    assert "is deprecated" in await done(office.authors, OWN, verb="deprecate", version="1.0.0", reason="Old.")
    await seen(await office.authors.post(OWN, data={"verb": "suspend", "version": "1.0.0", "reason": "x"}), 403)
    assert "is revoked" in await done(office.authors, OWN, verb="revoke", version="1.0.0", reason="It breaks.")
    async with await office.instance.browser(Role.PUBLISHER) as rival:
        await seen(await rival.get(OWN), 403)
    await seen(await office.authors.get("/publishing/acme.other"), 404)
