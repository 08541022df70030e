"""The marketplace's pages: what they show of what strangers say, and what they refuse."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.marketplace.catalogue.releasing import refresh
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion, Publisher
from rising_bsm.sandbox import Pool
from support.market_place import publish
from support.plugins import make_signed_plugin
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio

ID = "acme.test"
AT = "/marketplace"
PNG, SVG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20, b'<svg xmlns="http://www.w3.org/2000/svg"/>'
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ctx.plugin.version
"""
OPTIONAL = [{"code": "users.read", "reason": "To name people."}, {"code": "notes.create", "reason": "To note it."}]
PLACE = {"url": "https://api.example.com/v1/", "methods": ["GET", "POST"], "reason": "To ask for the weather."}


async def released(
    instance: Instance,
    pool: Pool,
    version: str = "1.0.0",
    *,
    about: Mapping[str, Any] | None = None,
    body: str = PLUGIN,
    **changes: Any,
) -> MarketVersion:
    """A version of acme.test is to be had and found; `about` are columns of its plugin."""
    market = instance.services.market
    bundle = await make_signed_plugin(pool, body, version=version, **changes)
    row = await publish(market.database, market.index, market.blobs, market.cipher, bundle)
    async with market.database.transaction() as session:
        plugin = await session.get_one(MarketPlugin, 1)
        await refresh(session, plugin)
        for name, value in (about or {}).items():
            setattr(plugin, name, value)
        if not await session.get(Publisher, plugin.id):
            session.add(Publisher(id=plugin.id, name="acme", display_name="Acme <b>Ltd</b>", verified=True))
    return row


def fields(text: str) -> dict[str, str]:
    """The hidden fields of the wizard."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


async def install(instance: Instance, admin: httpx.AsyncClient, plugin_id: str = ID, **form: Any) -> str:
    """Goes through the wizard, and gives the page of the installation that has ended."""
    shown = fields((await admin.get(f"{AT}/{plugin_id}/install")).text)
    begun = await admin.post(f"{AT}/{plugin_id}/install", data=shown | form)
    assert begun.status_code == 303, begun.text
    return await ended(admin, begun.headers["location"])


async def ended(admin: httpx.AsyncClient, address: str) -> str:
    async with asyncio.timeout(60):
        await admin.get(f"/api/market/installs/{address.rpartition('/')[2]}/events")
    return (await admin.get(address)).text


async def test_cards_say_what_there_is(instance: Instance, pool: Pool) -> None:
    await released(instance, pool, about={"rating_count": 2, "rating_sum": 9, "installs": 1234})
    async with await instance.browser() as admin:
        text = (await admin.get(AT)).text
        assert f'<a href="{AT}/{ID}"' in text
        assert "Acme &lt;b&gt;Ltd&lt;/b&gt;" in text
        for said in ("Verified publisher", "4.5", "1,234", "Free"):
            assert said in text
        found = [
            (await admin.get(f"{AT}?{query}")).text for query in ("search=greets", "search=zeppelin", "category=tools")
        ]
        assert [f"{AT}/{ID}" in one for one in found] == [True, False, False]
        assert "Nothing fits." in found[1]


async def test_a_marketplace_without_plugins_says_so(instance: Instance) -> None:
    async with await instance.browser() as admin:
        assert "The marketplace has no plugins yet." in (await admin.get(AT)).text
        assert "Everything is up to date." in (await admin.get(f"{AT}/updates")).text
        assert "Nothing was installed from the marketplace yet." in (await admin.get(f"{AT}/installs")).text


async def test_what_is_not_made_for_this_host_is_shown_when_asked_for(instance: Instance, pool: Pool) -> None:
    await released(instance, pool, host=">=99")
    async with await instance.browser() as admin:
        assert f"{AT}/{ID}" not in (await admin.get(AT)).text
        assert f"{AT}/{ID}" in (await admin.get(f"{AT}?all=true")).text
        refused = await admin.get(f"{AT}/{ID}/install", headers={"Accept": "text/html"})
        assert (refused.status_code, "plugins.host_version" in refused.text) == (409, True)


async def test_pages_follow_by_cursor(instance: Instance, pool: Pool) -> None:
    for number in range(26):
        await released(instance, pool, name=f"test-{number}") if number == 0 else await _listed(instance, number)
    async with await instance.browser() as admin:
        first = (await admin.get(AT)).text
        [more] = re.findall(r'id="more" href="([^"]+)"', first)
        second = (await admin.get(more.replace("&amp;", "&"))).text
        names = re.findall(r'/marketplace/(acme\.test-\d+)"', first + second)
        assert len(set(names)) == 26
        assert 'id="more"' not in second


async def _listed(instance: Instance, number: int) -> None:
    async with instance.services.market.database.transaction() as session:
        values = {"display_name": "T", "description": "T", "type": "mixed", "license": "MIT", "host": ">=0.1"}
        session.add(MarketPlugin(plugin_id=f"acme.test-{number}", publisher="acme", listed=True, **values))


async def test_a_plugin_with_all_there_is_to_know(instance: Instance, pool: Pool) -> None:
    row = await released(instance, pool, optional_permissions=OPTIONAL, network=[PLACE], tags=["greeting"])
    async with instance.services.market.database.transaction() as session:
        version = await session.get_one(MarketVersion, row.id)
        version.readme, version.changelog = "# Hello\n<script>alert(1)</script> [x](javascript:alert(1))", "- *New*"
    async with await instance.browser() as admin:
        await admin.post("/api/customers", json=a_customer(phone="0761 1"))
        text = (await admin.get(f"{AT}/{ID}")).text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    for said in (
        "Reads everything about 1 customer:",
        "1 phone number is among it.",
        "To name people.",
        PLACE["url"],
        "To ask for the weather.",
        "<em>New</em>",
        "Nobody has said anything about it yet.",
        f'href="{AT}/publishers/acme"',
        f'href="{AT}/{ID}/install"',
    ):
        assert said in text


async def test_five_blocks_before_anything_is_installed(instance: Instance, pool: Pool) -> None:
    exports = '\n@before("customers.create", order=7)\ndef check(self, ctx, draft):\n    return draft\n'
    row = await released(instance, pool, body=PLUGIN + exports, optional_permissions=OPTIONAL, network=[PLACE])
    async with await instance.browser() as admin:
        text = (await admin.get(f"{AT}/{ID}/install")).text
    for said in (
        "Verified: the operator of the marketplace knows who this is.",
        row.key_id,
        "has signed this version",
        row.bundle_sha256,
        "Reads everything about 0 customers",
        "A test needs it.",
        "POST",
        "To ask for the weather.",
        f"GET /api/ext/{ID}",
        "Before a customer is added",
        "order 7",
        "Free",
    ):
        assert said in text, said
    assert re.search(r'name="grant" value="users.read">', text), "nothing is switched on beforehand"
    assert fields(text)["bundle_sha256"] == row.bundle_sha256


async def test_only_what_was_switched_on_is_granted(instance: Instance, pool: Pool) -> None:
    await released(instance, pool, optional_permissions=OPTIONAL)
    async with await instance.browser() as admin:
        text = await install(instance, admin, grant=["notes.create"])
        assert "Installed. It answers." in text
        plugin = (await admin.get(f"/api/plugins/{ID}")).json()
        assert plugin["grants"] == ["customers.read", "notes.create"]
        assert "hx-trigger" not in text.partition('id="progress"')[2].partition("</div>")[0], "it asks no more"
        assert "is installed already" in (await admin.get(f"{AT}/{ID}/install")).text
        assert "Installation" in (await admin.get(f"{AT}/installs")).text


async def test_a_permission_that_it_does_not_ask_for_cannot_be_granted(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin:
        text = await install(instance, admin, grant=["customers.delete"])
        assert "It was not installed, and nothing was changed." in text
        assert "plugins.not_asked_for" in text
        assert (await admin.get(f"/api/plugins/{ID}")).status_code == 404


async def test_another_bundle_than_the_one_that_was_shown_is_not_installed(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin:
        text = await install(instance, admin, bundle_sha256="0" * 64)
        assert "market.other_bundle" in text
        assert (await admin.get(f"/api/plugins/{ID}")).status_code == 404
        strange = await admin.post(f"{AT}/{ID}/install", data={"bundle_sha256": "x", "version": "1.0.0"})
        assert (strange.status_code, "market.invalid_install" in strange.text) == (422, True)


async def test_a_licence_key_that_is_none_is_said_at_its_field(instance: Instance, pool: Pool) -> None:
    await released(instance, pool, pricing={"model": "paid", "trial_days": 14})
    async with await instance.browser() as admin:
        shown = fields((await admin.get(f"{AT}/{ID}/install")).text)
        for key in ("", "not a key"):
            answer = await admin.post(f"{AT}/{ID}/install", data=shown | {"licence": "key", "license_key": key})
            assert answer.status_code == 422
        assert 'value="not a key"' in answer.text
        assert "It was not installed" in await install(
            instance, admin, licence="key", license_key=LicenceKey.new().text
        )
        assert "Installed. It answers." in await install(instance, admin, licence="trial")


async def test_an_update_waits_until_what_is_new_is_accepted(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin:
        await install(instance, admin)
        new = {"permissions": ["customers.read", "customers.delete"], "network": [PLACE]}
        await released(instance, pool, "1.1.0", **new)
        assert (await admin.post(f"{AT}/updates/check")).status_code == 303
        text = (await admin.get(f"{AT}/updates")).text
        offered = re.findall(r'name="accept" value="([^"]+)" required', text)
        assert sorted(offered) == [
            "GET:https://api.example.com/v1/",
            "POST:https://api.example.com/v1/",
            "customers.delete",
        ]
        for said in ("Waits for you", "Deletes any of 0 customers.", "To ask for the weather."):
            assert said in text

        some = await admin.post(f"{AT}/updates/{ID}/apply", data={"accept": ["customers.delete"]})
        refused = await ended(admin, some.headers["location"])

        assert "It was not updated, and nothing was changed." in refused
        assert re.findall(r'name="accept" value="([^"]+)" required', refused) == offered[1:]
        assert (await admin.get(f"/api/plugins/{ID}")).json()["version"] == "1.0.0"
        all_of_it = await admin.post(f"{AT}/updates/{ID}/apply", data={"accept": offered})
        assert "Updated. It answers." in await ended(admin, all_of_it.headers["location"])
        assert (await admin.get(f"/api/plugins/{ID}")).json()["version"] == "1.1.0"
        assert "Everything is up to date." in (await admin.get(f"{AT}/updates")).text


async def test_a_plugin_is_pinned_and_let_go(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin:
        await install(instance, admin)
        await released(instance, pool, "1.1.0")
        await admin.post(f"{AT}/updates/check")
        text = (await admin.get(f"{AT}/updates")).text
        assert "It asks for nothing new, and is put in place by itself" in text
        assert (await admin.post(f"{AT}/updates/{ID}/pin", data={"version": "1.0.0"})).status_code == 303
        assert "stays at 1.0.0" in (await admin.get(f"{AT}/updates")).text
        assert (await admin.post(f"{AT}/updates/{ID}/pin")).status_code == 303
        assert "stays at 1.0.0" not in (await admin.get(f"{AT}/updates")).text
        assert (await admin.post(f"{AT}/updates/{ID}/pin", data={"version": "9.0.0"})).status_code == 409
        assert (await admin.post(f"{AT}/updates/acme.none/apply")).status_code == 404


async def test_what_the_marketplace_takes_back_says_what_to_do(instance: Instance, pool: Pool) -> None:
    row = await released(instance, pool)
    async with await instance.browser() as admin:
        await install(instance, admin)
        market = instance.services.market
        async with market.database.transaction() as session:
            version = await session.get_one(MarketVersion, row.id)
            version.status, version.reason = VersionStatus.REVOKED, "It <i>steals</i>."
            plugin = await session.get_one(MarketPlugin, 1)
            await market.index.put(version, plugin, [], session=session)
        await admin.post(f"{AT}/updates/check")
        text = (await admin.get(f"{AT}/updates")).text
        for said in ("Revoked", "It &lt;i&gt;steals&lt;/i&gt;.", "It was switched off here.", "At my own risk"):
            assert said in text
        assert (await admin.post(f"{AT}/advisories/{ID}/override")).status_code == 303
        assert "An administrator has decided" in (await admin.get(f"{AT}/updates")).text


async def test_one_says_what_one_thinks_and_what_is_wrong(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser() as admin, await instance.browser() as other:
        assert "Who has installed it can review it." in (await admin.get(f"{AT}/{ID}")).text
        await install(instance, admin)
        bad = await admin.post(f"{AT}/{ID}/reviews", data={"stars": "9", "name": "Ann", "text": "Kept?"})
        assert (bad.status_code, "Kept?" in bad.text) == (409, True)
        good = {"stars": "4", "name": "Ann", "text": "It <b>helps</b>."}
        assert (await admin.post(f"{AT}/{ID}/reviews", data=good)).status_code == 303
        text = (await admin.get(f"{AT}/{ID}")).text
        for said in ("It &lt;b&gt;helps&lt;/b&gt;.", "4 of 5 stars", "this is yours", "Change your review"):
            assert said in text
        theirs = (await other.get(f"{AT}/{ID}")).text
        [report] = re.findall(r'action="([^"]+/report)"', theirs)
        assert "Write a review" in theirs
        assert (await other.post(report, data={"reason": "Not true."})).status_code == 303
        told = (await admin.get("/api/notifications")).json()["items"]
        assert f"A review of {ID} was reported" in [one["title"] for one in told]


async def test_pictures_come_from_here_and_can_do_nothing(instance: Instance, pool: Pool) -> None:
    market = instance.services.market
    icon, page = (await market.blobs.put(SVG)).sha256, (await market.blobs.put(b"<html>")).sha256
    row = await released(instance, pool)
    async with market.database.transaction() as session:
        version = await session.get_one(MarketVersion, row.id)
        version.icon_sha256, version.screenshots = icon, [(await market.blobs.put(PNG)).sha256, page]
        await refresh(session, await session.get_one(MarketPlugin, 1))
    async with await instance.browser() as admin, await instance.browser(Role.MANAGER) as manager:
        text = (await admin.get(f"{AT}/{ID}")).text
        addresses = re.findall(r'<img src="([^"]+)"', text)
        assert addresses[-3:] == [f"{AT}/pictures/{one}" for one in (icon, *version.screenshots)]
        svg, png, other = [await admin.get(one) for one in addresses[-3:]]
        assert (svg.headers["content-type"], png.headers["content-type"]) == ("image/svg+xml", "image/png")
        assert (svg.content, png.content, other.status_code) == (SVG, PNG, 404)
        for answer in (svg, png):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            assert "script-src" not in answer.headers["content-security-policy"]
        assert (await manager.get(addresses[-1])).status_code == 403


async def test_a_marketplace_that_does_not_answer_is_said(tmp_path: Path, pool: Pool) -> None:
    async with (
        running(tmp_path / "data", pool=pool, marketplace_url="http://127.0.0.1:9") as instance,
        await instance.browser() as admin,
    ):
        for path in (AT, f"{AT}/{ID}"):
            text = (await admin.get(path)).text
            assert "The marketplace does not answer." in text
            assert "No plugins are installed." in text
        answer = await admin.get(f"{AT}/{ID}/install", headers={"Accept": "text/html"})
        assert answer.status_code == 503
        checked = await admin.post(f"{AT}/updates/check")
        assert "Everything is up to date." in checked.text
        assert checked.status_code == 503


PAGES = ["", "/updates", "/installs", f"/{ID}", f"/{ID}/install", "/publishers/acme"]
DEEDS = [f"/{ID}/install", "/updates/check", f"/updates/{ID}/apply", f"/updates/{ID}/pin", f"/{ID}/reviews"]


async def test_it_is_for_those_who_manage_plugins(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    async with await instance.browser(Role.MANAGER) as manager:
        for path in PAGES:
            assert (await manager.get(AT + path)).status_code == 403, path
        for path in (*DEEDS, f"/advisories/{ID}/override"):
            assert (await manager.post(AT + path)).status_code == 403, path
        assert f'href="{AT}"' not in (await manager.get("/")).text


async def test_nothing_is_done_without_the_proof_of_the_page(instance: Instance, pool: Pool) -> None:
    await released(instance, pool)
    session = await instance.services.sessions.open((await instance.add_user()).id)
    async with instance.browser_with(session, csrf=False) as browser:
        for path in DEEDS:
            answer = await browser.post(AT + path)
            assert (answer.status_code, answer.json()["code"]) == (403, "auth.csrf")


async def test_what_is_not_there(instance: Instance) -> None:
    async with await instance.browser() as admin:
        for path in (f"/{ID}", f"/{ID}/install", "/publishers/nobody", "/nothing"):
            assert (await admin.get(AT + path)).status_code in (404, 422), path
