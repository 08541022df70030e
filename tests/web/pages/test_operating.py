"""The operator's other pages: numbers, plugins, publishers, reviews, licences, the index."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import uuid7
from rising_bsm.marketplace.index.roles import Role as Signer
from support.market import make_market_plugin, make_market_version
from support.reviewing import Reviewing, reviewing
from support.selling import ThatInstance, plugin_report
from support.web import Instance

pytestmark = pytest.mark.anyio

PLUGIN = "/operating/plugins/acme.hello"
PUBLISHER = "/operating/publishers/acme"
LICENCES = "/operating/licenses"


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


async def test_the_first_page_has_numbers_and_what_waits(office: Reviewing) -> None:
    await office.released("1.0.0")
    waiting = await office.in_review("1.1.0")
    shown = await seen(await office.bosses.get("/operating"))
    assert f"/operating/submissions/{waiting}" in shown
    assert "plugins listed" in shown
    assert "and nothing has renewed it" not in shown


async def test_versions_are_suspended_and_revoked_with_a_reason(office: Reviewing) -> None:
    await office.released("1.0.0")
    shown = await seen(await office.bosses.get(PLUGIN))
    assert [verb in shown for verb in ("Deprecate", "Suspend", "Revoke")] == [True, True, True]
    await seen(await office.bosses.post(PLUGIN, data={"verb": "suspend", "version": "1.0.0", "reason": ""}), 422)
    assert "is suspended" in await done(office.bosses, PLUGIN, verb="suspend", version="1.0.0", reason="We look.")
    assert "is released" in await done(office.bosses, PLUGIN, verb="release", version="1.0.0")
    shown = await done(office.bosses, PLUGIN, verb="revoke", version="1.0.0", reason="It <leaks>.")
    assert "It &lt;leaks&gt;." in shown
    assert "suspend-1-0-0" not in shown
    for verb, status in (("release", 409), ("explode", 404)):
        data = {"verb": verb, "version": "1.0.0", "reason": "x"}
        await seen(await office.bosses.post(PLUGIN, data=data), status)
    await seen(await office.bosses.get("/operating/plugins/acme.other"), 404)


async def test_publishers_are_found_verified_and_suspended(office: Reviewing) -> None:
    assert PUBLISHER in await seen(await office.bosses.get("/operating/publishers?search=ACM&verified=false"))
    assert "Nobody fits" in await seen(await office.bosses.get("/operating/publishers?verified=true"))
    assert "acme is verified." in await done(office.bosses, PUBLISHER, verb="verify")
    assert "not verified any more" in await done(office.bosses, PUBLISHER, verb="doubt")
    assert "Who <b>is" not in await done(office.bosses, PUBLISHER, verb="suspend", reason="Who <b>is this?")
    own = await seen(await office.authors.get("/publishing"))
    assert "Who &lt;b&gt;is this?" in own
    assert "may publish again" in await done(office.bosses, PUBLISHER, verb="lift")
    await seen(await office.bosses.post(PUBLISHER, data={"verb": "suspend", "reason": ""}), 422)
    await seen(await office.bosses.post(PUBLISHER, data={"verb": "marry"}), 404)
    await seen(await office.bosses.get("/operating/publishers/nobody"), 404)


async def test_a_key_is_revoked_with_what_it_has_signed(office: Reviewing) -> None:
    await office.released("1.0.0")
    [key] = await office.market.office.publishers.keys(office.boss, "acme")
    data = {"verb": "revoke_key", "key": key["key_id"], "compromised": "true", "reason": "The laptop was stolen."}
    shown = await done(office.bosses, PUBLISHER, **data)
    assert "1 versions are revoked with it" in shown
    assert "Compromised" in shown
    assert "The laptop was stolen." in await seen(await office.bosses.get(PLUGIN))


async def reviewed(office: Reviewing) -> str:
    """The address of a review that the publisher objects to."""
    await office.released("1.0.0")
    one, market = ThatInstance(), office.market
    beat = one.sign("heartbeat", {"plugins": [plugin_report("acme.hello")], "licenses": []})
    await market.selling.heartbeats.beat(await market.selling.instances.admit(beat, "heartbeat"))
    said = {"plugin": "acme.hello", "user": "a" * 32, "name": "Ann", "stars": 1, "text": "<b>No.</b>"}
    caller = await market.selling.instances.admit(one.sign("review", said), "review")
    review = (await market.selling.reviews.write(caller))["id"]
    path = f"/publishing/acme.hello/reviews/{review}"
    assert "looks at the review" in await done(office.authors, path, verb="report", reason="Another plugin.")
    return f"/operating/reviews/{review}"


async def test_reported_reviews_are_hidden_and_shown_again(office: Reviewing) -> None:
    assert "Nobody objects" in await seen(await office.bosses.get("/operating/reviews"))
    review = await reviewed(office)
    shown = await seen(await office.bosses.get("/operating/reviews"))
    assert "&lt;b&gt;No.&lt;/b&gt;" in shown
    assert "Another plugin." in shown
    assert "The review is hidden." in await done(office.bosses, review, verb="hide", reason="Rude.", which="hidden")
    assert "Rude." in await seen(await office.bosses.get("/operating/reviews?which=hidden"))
    assert "Nobody objects" in await seen(await office.bosses.get("/operating/reviews"))
    assert "shown again" in await done(office.bosses, review, verb="show")
    assert "stays as it is" in await done(office.bosses, review, verb="keep")
    await seen(await office.bosses.post(review, data={"verb": "hide", "reason": ""}), 422)
    await seen(await office.bosses.post(review, data={"verb": "burn"}), 404)
    await seen(await office.authors.post(review, data={"verb": "hide", "reason": "Mine."}), 403)


async def for_sale(office: Reviewing) -> None:
    await make_market_plugin(office.market.database, "acme.pro", owner_id=office.author.user_id)
    await make_market_version(office.market.database, "acme.pro")


SALE = {"plugin": "acme.pro", "holder": "Bakery", "type": "basic", "max_installs": "2", "grace_days": "7"}


async def test_a_licence_is_sold_and_its_key_shown_once(office: Reviewing) -> None:
    await for_sale(office)
    terms = {"entitlements": "reports, export", "limits": "users=5, rows=100", "expires_at": "2031-01-31"}
    shown = await seen(await office.bosses.post(f"{LICENCES}/new", data=SALE | terms))
    [key] = set(re.findall("RBSM-[0-9A-Z-]+", shown))
    at = re.search(rf'href="({LICENCES}/[0-9a-f-]+)"', shown)
    assert at is not None
    page = await seen(await office.bosses.get(at[1]))
    assert key not in page
    assert "export, reports" in page
    assert "users: 5" in page
    assert "2031" in page
    listed = await seen(await office.bosses.get(f"{LICENCES}?search=Bakery&plugin=acme.pro&status=active"))
    assert at[1] in listed
    assert "No licence fits" in await seen(await office.bosses.get(f"{LICENCES}?status=revoked"))


async def test_a_wrong_sale_is_shown_again(office: Reviewing) -> None:
    await for_sale(office)
    wrong = SALE | {"holder": "", "max_installs": "many", "expires_at": "2001-01-31", "limits": "users=lots"}
    shown = await seen(await office.bosses.post(f"{LICENCES}/new", data=wrong), 422)
    assert 'value="many"' in shown
    for sentence in ("This must not be empty.", "This must be a whole number.", "This moment is over."):
        assert sentence in shown


async def test_a_licence_is_renewed_changed_and_taken_back(office: Reviewing) -> None:
    await for_sale(office)
    sold = await office.market.selling.sales.sell(office.boss, {"plugin": "acme.pro", "holder": "Bakery"})
    at = f"{LICENCES}/{sold.licence.id}"
    assert "ends at another time" in await done(office.bosses, at, verb="renew", expires_at="2032-12-31")
    terms = {"type": "premium", "max_installs": "9", "entitlements": "reports", "limits": ""}
    shown = await done(office.bosses, at, verb="upgrade", **terms)
    assert "0 of 9 seats taken" in shown
    assert "is suspended" in await done(office.bosses, at, verb="suspend", reason="Not paid.")
    assert "does again" in await done(office.bosses, at, verb="resume")
    assert "is revoked" in await done(office.bosses, at, verb="revoke", reason="Not paid at all.")
    shown = await seen(await office.bosses.post(at, data={"verb": "resume"}), 409)
    assert "license.revoked" in shown
    await seen(await office.bosses.post(at, data={"verb": "eat"}), 404)
    await seen(await office.bosses.get(f"{LICENCES}/{uuid7()}"), 404)


async def test_publishers_sell_what_is_theirs(office: Reviewing, instance: Instance) -> None:
    await for_sale(office)
    await make_market_plugin(office.market.database, "other.pro")
    shown = await seen(await office.authors.get(f"{LICENCES}/new"))
    assert "acme.pro" in shown
    assert "other.pro" not in shown
    await seen(await office.authors.post(f"{LICENCES}/new", data=SALE | {"plugin": "other.pro"}), 404)
    await seen(await office.authors.post(f"{LICENCES}/new", data=SALE))
    async with await instance.browser(Role.MANAGER) as manager:
        for path in (LICENCES, f"{LICENCES}/new", f"{LICENCES}/{uuid7()}"):
            assert (await manager.get(path)).status_code == 403
            assert (await manager.post(path, data={})).status_code in (403, 405)


async def test_the_index_says_who_signs_and_until_when(office: Reviewing) -> None:
    shown = await seen(await office.bosses.get("/operating/index"))
    assert await office.market.index.root_digest() in shown
    assert "2 of 3" in shown
    assert all(f'id="role-{role}"' in shown for role in Signer)
    before = await office.market.index.keys()
    assert "is signed anew" in await done(office.bosses, "/operating/index")
    assert "snapshot has new keys" in await done(office.bosses, "/operating/index/snapshot")
    after = await office.market.index.keys()
    changed = [role for role in Signer if [key.key_id for key in before[role]] != [key.key_id for key in after[role]]]
    assert changed == ["snapshot"]
    await seen(await office.bosses.post("/operating/index/king"), 404)
    for path in ("/operating/index", "/operating/index/snapshot"):
        assert (await office.authors.post(path)).status_code == 403
