"""The pages of installed plugins, asked as browsers do."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import SYSTEM, Role
from rising_bsm.runtime.storage import Storage
from rising_bsm.sandbox import Pool
from support.bundles import make_bundle, make_key, make_signed_bundle
from support.installed import ASKS, ID, METHODS
from support.plugins import make_signed_plugin
from support.web import Instance, a_customer, running

pytestmark = pytest.mark.anyio
PAGE = {"Accept": "text/html"}
TABS = (
    *("", "/executions", "/log", "/resources", "/storage", "/settings", "/permissions", "/problems", "/deliveries"),
    *("/versions", "/license"),
)


@pytest.fixture
async def instance(pool: Pool, tmp_path: Path) -> AsyncIterator[Instance]:
    async with running(tmp_path, pool=pool) as instance:
        await trust(instance)
        yield instance


async def trust(instance: Instance) -> None:
    key = {"publisher": "acme", "public_key": str(make_key().public_key)}
    await instance.services.publisher_keys.trust(SYSTEM, key)


async def install(instance: Instance, pool: Pool, **changes: Any) -> None:
    await instance.services.plugins.install(SYSTEM, await make_signed_plugin(pool, METHODS, **(ASKS | changes)))


async def read(client: httpx.AsyncClient, address: str, status: int = 200) -> str:
    """What the page says, without its tags."""
    answer = await client.get(address, headers=PAGE)
    assert answer.status_code == status, answer.text
    return text_of(answer)


def text_of(answer: httpx.Response) -> str:
    main = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


async def send(client: httpx.AsyncClient, address: str, **fields: Any) -> httpx.Response:
    return await client.post(address, data=fields, headers=PAGE)


async def ask(instance: Instance, *paths: str) -> None:
    client = await instance.program()
    for path in paths:
        await client.get(f"/api/ext/{ID}/{path}")
    await instance.services.runtime.accounting.tick()


async def test_a_new_instance_says_where_plugins_come_from(instance: Instance) -> None:
    text = await read(await instance.browser(), "/plugins")
    assert "No plugin is installed yet." in text
    assert "Parts of the program" in text


async def test_the_list_says_how_each_plugin_is(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works", "works", "works", "fails", "reports")
    client = await instance.browser()

    text = await read(client, "/plugins")
    assert "Friendly letters" in text
    assert "Active" in text
    assert "1.0.0" in text
    assert "20 %" in text
    assert "Friendly letters" in await read(client, "/plugins?search=LETTERS&state=active")
    assert "No plugin is like that." in await read(client, "/plugins?state=broken")


async def test_every_tab_of_a_plugin_is_there_and_only_for_those_who_manage_plugins(
    instance: Instance, pool: Pool
) -> None:
    await install(instance, pool)
    await ask(instance, "works", "fails", "reports")
    admin, other = await instance.browser(), await instance.browser(Role.MANAGER)
    for tab in TABS:
        assert "Friendly letters" in await read(admin, f"/plugins/{ID}{tab}")
        assert (await other.get(f"/plugins/{ID}{tab}", headers=PAGE)).status_code == 403
    for address in ("/plugins", "/plugins/keys", "/plugins/install", "/licenses"):
        assert (await other.get(address, headers=PAGE)).status_code == 403
    await read(admin, "/plugins/acme.nothing", 404)


@pytest.mark.parametrize(
    "action",
    [
        *("on", "off", "uninstall", "reset", "permissions", "permissions/reduce", "failing", "settings"),
        *("storage/delete", "problems/clear", "deliveries/retry", "rollback", "pin", "update"),
        *("license/activate", "license/trial", "license/release"),
    ],
)
async def test_nobody_else_does_anything_with_plugins(instance: Instance, pool: Pool, action: str) -> None:
    await install(instance, pool)
    other = await instance.browser(Role.MANAGER)
    fields = {"mode": "off", "key": "a", "hook.customers.create": "open"}
    answer = await send(other, f"/plugins/{ID}/{action}", **fields)
    assert answer.status_code == 403, answer.text
    assert (await instance.services.plugins.get(SYSTEM, ID)).state == "active"


async def test_a_plugin_is_switched_off_and_on(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()
    assert (await send(client, f"/plugins/{ID}/off")).status_code == 303
    assert "It answers nothing and keeps what it has stored." in await read(client, f"/plugins/{ID}")
    assert (await send(client, f"/plugins/{ID}/on")).status_code == 303
    assert "Switch off" in await read(client, f"/plugins/{ID}")


async def test_one_that_others_need_is_switched_off_when_that_is_said_twice(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    needs = await make_signed_plugin(pool, name="friend", dependencies={ID: ">=1"})
    await instance.services.plugins.install(SYSTEM, needs)
    client = await instance.browser()

    refused = await send(client, f"/plugins/{ID}/off")
    assert refused.status_code == 409
    assert "acme.friend" in text_of(refused)
    assert "Switch it off anyway" in text_of(refused)
    assert (await send(client, f"/plugins/{ID}/off", force="true")).status_code == 303


@pytest.mark.parametrize(("data", "found"), [("keep", True), ("delete", False)])
async def test_uninstalling_asks_what_becomes_of_the_data(
    instance: Instance, pool: Pool, data: str, found: bool
) -> None:
    await install(instance, pool)
    await ask(instance, "works")
    client = await instance.browser()
    answer = await send(client, f"/plugins/{ID}/uninstall", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/plugins")
    await install(instance, pool)
    assert (await Storage(instance.services.database, ID).get("other"))["found"] is found


async def test_calls_are_found_by_what_they_were_and_what_they_came_to(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works", "fails")
    client = await instance.browser()
    both = await read(client, f"/plugins/{ID}/executions")
    assert "on GET /works" in both
    assert "plugin.raised" in both
    failed = await read(client, f"/plugins/{ID}/executions?status=failed&entry=on+GET+%2Ffails&period=hour")
    assert "plugin.raised" in failed
    assert "No call is like that." in await read(client, f"/plugins/{ID}/executions?status=timeout")
    await read(client, f"/plugins/{ID}/executions?status=nice", 422)

    page = (await client.get(f"/plugins/{ID}/executions?status=failed", headers=PAGE)).text
    (one,) = set(re.findall(rf"/plugins/{ID}/executions/[0-9a-f-]+", page))
    assert "See its log" in await read(client, one)
    await read(client, one[:-3] + "000", 404)


async def test_the_log_is_read_by_level_and_asks_anew_unless_it_is_told_to_rest(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works?by=<b>Ada</b>", "fails")
    client = await instance.browser()
    page = (await client.get(f"/plugins/{ID}/log", headers=PAGE)).text
    assert "every 2s" in page
    assert "<b>Ada</b>" not in page
    assert "said aloud" in page
    assert "every 2s" not in (await client.get(f"/plugins/{ID}/log?paused=yes", headers=PAGE)).text
    errors = await read(client, f"/plugins/{ID}/log?level=error")
    assert "about to fail" in errors
    assert "said aloud" not in errors


@pytest.mark.parametrize("period", ["hour", "day", "week", "nonsense"])
async def test_resources_are_drawn_over_each_period(instance: Instance, pool: Pool, period: str) -> None:
    await install(instance, pool)
    await ask(instance, "works", "fails")
    page = (await (await instance.browser()).get(f"/plugins/{ID}/resources?period={period}", headers=PAGE)).text
    assert page.count('class="chart ') >= 4
    assert "50 %" in page


async def test_what_is_stored_is_found_read_and_deleted(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works")
    await Storage(instance.services.database, ID).set("visits/\u202egnp", {"a": "\u202e<script>"})
    client = await instance.browser()
    found = await read(client, f"/plugins/{ID}/storage?search=visits/")
    assert "visits/today" in found
    assert "other" not in found.partition("Actions")[2]
    listed = (await client.get(f"/plugins/{ID}/storage", headers=PAGE)).text
    assert "\u202e" not in listed.replace('value="visits/\u202egnp"', "")

    entry = (await client.get(f"/plugins/{ID}/storage/entry", params={"key": "visits/today"}, headers=PAGE)).text
    assert '"who": [\n    "Ada",' in unescape(entry)
    strange = await client.get(f"/plugins/{ID}/storage/entry", params={"key": "visits/\u202egnp"}, headers=PAGE)
    assert "<script>" not in strange.text.partition("<pre")[2].partition("</pre>")[0]

    answer = await send(client, f"/plugins/{ID}/storage/delete", key="visits/today", search="visits/")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/plugins/{ID}/storage?search=visits%2F")
    await read(client, "/plugins")  # where the message is read
    assert "visits/today" not in await read(client, f"/plugins/{ID}/storage")
    await read(client, f"/plugins/{ID}/storage/entry?key=visits/today", 404)


async def test_settings_are_typed_kept_and_refused_at_their_fields(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()
    typed = {"greeting": "Dear all", "hours": "500", "tone": "warm", "sender": "nobody", "secret_key": "s3cret"}
    wrong = await send(client, f"/plugins/{ID}/settings", **typed)
    assert wrong.status_code == 422
    assert 'value="Dear all"' in wrong.text
    assert "This must be at most 168." in text_of(wrong)
    assert "This must be an e-mail address." in text_of(wrong)
    assert "s3cret" not in wrong.text

    right = typed | {"hours": "12", "sender": "a@b.example", "share": "0,5", "letter": "One\r\nTwo"}
    assert (await send(client, f"/plugins/{ID}/settings", **right)).status_code == 303
    now = (await (await instance.program()).get(f"/api/ext/{ID}/greeting")).json()
    assert now == {
        **{"greeting": "Dear all", "hours": 12, "share": 0.5, "polite": False, "tone": "warm"},
        **{"letter": "One\nTwo", "secret_key": "s3cret", "sender": "a@b.example"},
    }
    page = (await client.get(f"/plugins/{ID}/settings", headers=PAGE)).text
    assert "s3cret" not in page
    assert "It is set, and never shown." in page


async def test_a_secret_stays_until_it_is_replaced_or_removed(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()

    async def secret(**typed: str) -> Any:
        assert (await send(client, f"/plugins/{ID}/settings", greeting="Hi", **typed)).status_code == 303
        return (await (await instance.program()).get(f"/api/ext/{ID}/greeting")).json()["secret_key"]

    assert await secret(secret_key="one") == "one"
    assert await secret(secret_key="") == "one"
    assert await secret(secret_key="two") == "two"
    assert await secret(**{"remove.secret_key": "true"}) is None


async def test_permissions_say_what_is_used_and_are_reduced_to_that(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works", "works")
    client = await instance.browser()
    assert (await send(client, f"/plugins/{ID}/permissions", grant="requests.read")).status_code == 303

    text = await read(client, f"/plugins/{ID}/permissions")
    assert re.search(r"customers\.read used 2 times last on", text)
    assert re.search(r"customers\.update not used in the last 30 days", text)
    assert re.search(r"requests\.read not used in the last 30 days", text)
    assert "Reduce to what is used" in text

    assert (await send(client, f"/plugins/{ID}/permissions/reduce")).status_code == 303
    plugin = await instance.services.plugins.get(SYSTEM, ID)
    assert plugin.grants == ["customers.read", "customers.update"]
    assert "Reduce to what is used" not in await read(client, f"/plugins/{ID}/permissions")


async def test_an_optional_permission_that_is_used_stays(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await instance.services.plugins.grant(SYSTEM, ID, ["requests.read", "notifications.send"])
    instance.services.runtime.accounting.uses.note(ID, "requests.read")
    await instance.services.runtime.accounting.tick()
    assert (await send(await instance.browser(), f"/plugins/{ID}/permissions/reduce")).status_code == 303
    assert "requests.read" in (await instance.services.plugins.get(SYSTEM, ID)).grants
    assert "notifications.send" not in (await instance.services.plugins.get(SYSTEM, ID)).grants


async def test_what_happens_when_it_fails_is_chosen(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()
    fields = {"mode": "monitor", "hook.customers.create": "open"}
    assert (await send(client, f"/plugins/{ID}/failing", **fields)).status_code == 303
    plugin = await instance.services.plugins.get(SYSTEM, ID)
    assert (plugin.breaker, plugin.open_hooks) == ("monitor", ["customers.create"])
    assert (await send(client, f"/plugins/{ID}/failing", mode="sometimes")).status_code == 422


async def test_a_plugin_that_pauses_says_so_and_is_asked_again(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, *["fails"] * 5)
    client = await instance.browser()
    assert "Pausing" in await read(client, "/plugins")
    assert "It kept failing on GET /fails" in await read(client, f"/plugins/{ID}")
    assert (await send(client, f"/plugins/{ID}/reset")).status_code == 303
    assert "Pausing" not in await read(client, f"/plugins/{ID}")


async def test_problems_are_read_and_removed(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "reports", "reports")
    client = await instance.browser()
    text = await read(client, f"/plugins/{ID}/problems")
    assert "The key for the letters is missing." in text
    assert "2 times" in text
    assert (await send(client, f"/plugins/{ID}/problems/clear", key="no-key")).status_code == 303
    assert "No problems." in await read(client, f"/plugins/{ID}/problems")


async def test_versions_are_rolled_back_with_what_was_stored(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    await ask(instance, "works")
    newer = await make_signed_plugin(pool, METHODS, **(ASKS | {"version": "1.1.0"}))
    await instance.services.plugins.update(SYSTEM, ID, newer)
    await Storage(instance.services.database, ID).set("other", "newer")
    client = await instance.browser()
    text = await read(client, f"/plugins/{ID}/versions")
    assert "1.0.0 The version before" in text
    assert "It came from a file" in text
    assert (await send(client, f"/plugins/{ID}/rollback")).status_code == 409
    assert (await send(client, f"/plugins/{ID}/rollback", data="restore")).status_code == 303
    assert (await instance.services.plugins.get(SYSTEM, ID)).version == "1.0.0"
    assert (await Storage(instance.services.database, ID).get("other"))["value"] == "text"
    assert (await send(client, f"/plugins/{ID}/pin", version="1.0.0")).status_code == 409


async def test_what_did_not_arrive_is_seen_tried_again_and_dropped(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    program = await instance.program()
    customer = (await program.post("/api/customers", json=a_customer())).json()
    await instance.services.plugins.deactivate(SYSTEM, ID)
    client = await instance.browser()
    assert "Nothing is waiting." in await read(client, f"/plugins/{ID}/deliveries")
    assert customer["id"]
    assert (await send(client, f"/plugins/{ID}/deliveries/retry")).status_code == 303
    none = "00000000-0000-7000-8000-000000000000"
    assert (await send(client, f"/plugins/{ID}/deliveries/{none}/retry")).status_code == 404
    assert (await send(client, f"/plugins/{ID}/deliveries/{none}/drop")).status_code == 404


async def bring(client: httpx.AsyncClient, data: bytes) -> httpx.Response:
    return await client.post("/plugins/install", files={"bundle": ("a.rbsm", data)}, headers=PAGE)


async def test_a_bundle_is_looked_at_and_then_installed_with_what_was_chosen(instance: Instance, pool: Pool) -> None:
    client = await instance.browser()
    brought = await bring(client, await make_signed_plugin(pool, METHODS, **ASKS))
    assert brought.status_code == 303
    text = await read(client, brought.headers["location"])
    for said in ("Install Friendly letters", "Change customers", "To have letters printed.", "customers.create"):
        assert said in text
    assert "Friendly letters" not in await read(client, "/plugins")

    done = await send(client, brought.headers["location"], grant="requests.read")
    assert (done.status_code, done.headers["location"]) == (303, f"/plugins/{ID}")
    granted = (await instance.services.plugins.get(SYSTEM, ID)).grants
    assert granted == ["customers.read", "customers.update", "requests.read"]
    await read(client, brought.headers["location"], 404)


async def test_a_newer_bundle_is_installed_when_what_it_asks_for_is_agreed_to(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()
    asks = ASKS | {"version": "2.0.0", "permissions": ("customers.read", "customers.update", "users.read")}
    where = (await bring(client, await make_signed_plugin(pool, METHODS, **asks))).headers["location"]
    assert "This version asks for more" in await read(client, where)
    refused = await send(client, where)
    assert refused.status_code == 422
    assert "plugins.new_permissions" in text_of(refused)
    assert (await send(client, where, grant="users.read")).status_code == 303
    assert (await instance.services.plugins.get(SYSTEM, ID)).version == "2.0.0"


async def test_the_key_of_a_stranger_is_shown_and_can_be_trusted(instance: Instance, pool: Pool) -> None:
    stranger, other = make_key(9), make_key(10)
    client = await instance.browser()
    bundle = await make_signed_plugin(pool, METHODS, key=stranger, **ASKS)
    where = (await bring(client, bundle)).headers["location"]
    text = await read(client, where)
    assert "Nobody here knows this key" in text
    assert stranger.public_key.key_id in text
    assert "Writes letters" not in text

    for wrong in (str(other.public_key), "nonsense"):
        answer = await send(client, f"{where}/trust", public_key=wrong)
        assert answer.status_code == 422
    keys = await instance.services.publisher_keys.list(SYSTEM)
    assert stranger.public_key.key_id not in {key.key_id for key in keys}
    assert (await send(client, f"{where}/trust", public_key=str(stranger.public_key))).status_code == 303
    assert "Writes letters" in await read(client, where)


@pytest.mark.parametrize("data", [b"", b"nonsense", make_bundle()], ids=["nothing", "nonsense", "unsigned"])
async def test_what_is_no_bundle_is_refused_with_the_reason(instance: Instance, data: bytes) -> None:
    answer = await bring(await instance.browser(), data)
    assert answer.status_code == 422
    assert "bundle." in text_of(answer)


async def test_without_a_file_the_form_says_so(instance: Instance) -> None:
    answer = await (await instance.browser()).post("/plugins/install", data={"a": "b"}, headers=PAGE)
    assert answer.status_code == 422
    assert "Choose a file that ends in .rbsm." in text_of(answer)


async def test_a_bundle_can_be_left_alone(instance: Instance) -> None:
    client = await instance.browser()
    where = (await bring(client, make_signed_bundle())).headers["location"]
    assert (await send(client, f"{where}/drop")).status_code == 303
    await read(client, where, 404)


async def test_keys_are_trusted_and_revoked_with_what_stops(instance: Instance, pool: Pool) -> None:
    await install(instance, pool)
    client = await instance.browser()
    given = {"publisher": "Not a slug", "public_key": str(make_key(9).public_key)}
    wrong = await send(client, "/plugins/keys", **given)
    assert wrong.status_code == 422
    assert "lower-case letters" in text_of(wrong)
    assert (await send(client, "/plugins/keys", **(given | {"publisher": "beta"}))).status_code == 303

    text = await read(client, "/plugins/keys")
    assert "beta" in text
    assert f"These plugins stop at once, until their publisher signs them with another key that you trust: {ID}" in text
    assert (await send(client, f"/plugins/keys/{make_key().public_key.key_id}/revoke")).status_code == 303
    assert "Broken" in await read(client, f"/plugins/{ID}")
    assert "not trusted any more" in await read(client, f"/plugins/{ID}")


async def test_a_licence_is_wanted_where_a_plugin_costs_something(instance: Instance, pool: Pool) -> None:
    await install(instance, pool, pricing={"model": "paid", "trial_days": 14})
    client = await instance.browser()
    assert "No licence" in await read(client, "/plugins")
    assert "It can be tried for 14 days" in await read(client, f"/plugins/{ID}/license")
    assert f"These are installed and have none: {ID}" in await read(client, "/licenses")
    for address, fields in (
        (f"/plugins/{ID}/license/activate", {"key": "nonsense"}),
        ("/licenses/activate", {"plugin": ID, "key": "nonsense"}),
        (f"/plugins/{ID}/license/release", {}),
    ):
        answer = await send(client, address, **fields)
        assert answer.status_code in (404, 422), answer.text
        assert "license." in text_of(answer)


async def test_in_safe_mode_the_pages_say_what_can_be_done(pool: Pool, tmp_path: Path) -> None:
    async with running(tmp_path, pool=pool) as instance:
        await trust(instance)
        await install(instance, pool)
    async with running(tmp_path, pool=pool, safe_mode=True) as instance:
        client = await instance.browser()
        text = await read(client, f"/plugins/{ID}")
        assert "Safe mode: no plugin runs." in text
        refused = await send(client, f"/plugins/{ID}/on")
        assert (refused.status_code, "plugins.safe_mode" in text_of(refused)) == (409, True)
        assert (await send(client, f"/plugins/{ID}/off")).status_code == 303
        assert "Off" in await read(client, f"/plugins/{ID}")
