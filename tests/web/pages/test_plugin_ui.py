"""What plugins show, over HTTP: areas, pages, buttons, forms, and everything that goes wrong with them."""

import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from rising_bsm.web.plugin_ui.tickets import Tickets
from support.plugins import make_signed_plugin
from support.runtime import make_plugin
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio

PLUGIN = "acme.test"
WIDGET = f"/plugins/{PLUGIN}/components/widget"
HTML = {"Accept": "text/html"}
SCRIPT = {"HX-Request": "true", "HX-Request-Type": "partial"}
BODY = """
@component("dashboard.widget", title="Visits 100% <b>")
def widget(self, ctx, props):
    if props["query"].get("fail"):
        raise ValueError("<broken>")
    columns = [ui.Column("name", "Name", sortable=True)]
    return ui.Card(
        "Visits", ui.Stat("So far", ctx.storage.get("visits", 1234)), ui.Text(str(props["state"])),
        ui.Button("Count", self.count, values={"by": 2}),
        ui.Button("Remove", self.remove, confirm="Really?", style="danger"),
        ui.Table(columns, [{"name": props["query"].get("sort", "-")}], label="All", page=1, pages=3),
        ui.Form(ui.Hidden("secret", 7), ui.TextField("name", "Name", required=True, max_length=5),
                ui.NumberField("age", "Age", whole=True, minimum=1), ui.Checkbox("sure", "Sure"),
                ui.Select("kind", "Kind", {"a": "A", "b": "B"}), ui.MultiSelect("days", "Days", ["Mo", "Tu"]),
                ui.CustomerPicker("customer", "Customer"), action=self.save),
    )

@component("page", title="Members", permission="customers.read", icon="star")
def members(self, ctx, props):
    return ui.Page("Members", ui.Link("Next", "members", query={"page": "2"}), str(props["query"]))

@component("customer.detail", title="Points")
def points(self, ctx, props):
    return str(props["entity_id"])

@component("settings", title="More")
def more(self, ctx, props):
    return str(props["entity_id"])

@action
def count(self, ctx, values):
    ctx.storage.set("visits", values["by"])
    return ui.Done("Counted <i>", state={"step": 2})

@action
def remove(self, ctx, values):
    raise Refuse("Not now <u>")

@action
def save(self, ctx, values):
    if values["name"] == "bad":
        raise Refuse("Not this one", field="name")
    if values["name"] == "loose":
        raise Refuse("Not at all", field="nowhere")
    if values["name"] == "raise":
        raise ValueError("the details")
    if values["name"] == "lead":
        return ui.Redirect("members", query={"a": "b"})
    return ui.Text(repr(values))
"""


@pytest.fixture
async def shown(instance: Instance, pool: Pool) -> Instance:
    """An instance with a plugin that shows something at every mount of these tests."""
    instance.services.runtime.attach(await make_plugin(pool, BODY, grants=["customers.read"]))
    return instance


def tickets_of(page: str) -> dict[str, tuple[str, str]]:
    """For each action on a page its address and the ticket that goes with it."""
    forms = re.findall(r'action="(/plugins/[^"]*/actions/(\w+))".*?name="ticket" value="([^"]*)"', page, re.DOTALL)
    return {name: (address, ticket) for address, name, ticket in forms}


async def press(
    browser: httpx.AsyncClient, action: str, fields: Mapping[str, Any] | None = None, *, on: str = WIDGET, **more: Any
) -> httpx.Response:
    """What is answered when a button or form of the area is sent with these fields."""
    page = (await browser.get(on, headers=SCRIPT)).text
    address, ticket = tickets_of(page)[action]
    return await browser.post(more.get("address", address), data={"ticket": ticket, **(fields or {})}, headers=SCRIPT)


async def test_a_page_leaves_room_and_says_whose_it_is(shown: Instance) -> None:
    async with await shown.browser() as browser:
        page = (await browser.get("/", headers=HTML)).text
    assert f'hx-get="{WIDGET}"' in page
    assert "Visits 100% &lt;b&gt;" in page
    assert f"<code>{PLUGIN}</code>" in page


async def test_an_area_is_filled_for_a_script_and_has_a_page_for_everybody(shown: Instance) -> None:
    async with await shown.browser() as browser:
        part = await browser.get(WIDGET, headers=SCRIPT)
        page = await browser.get(WIDGET, headers=HTML)
    assert "1,234" in part.text
    assert "<html" not in part.text
    assert "<html" in page.text
    assert "1,234" in page.text


async def test_people_are_shown_the_numbers_of_their_language(shown: Instance) -> None:
    async with await shown.browser() as browser:
        assert "1.234" in (await browser.get(WIDGET, headers=SCRIPT | {"Accept-Language": "de"})).text


async def test_a_plugin_that_fails_leaves_the_page_as_it_is(shown: Instance) -> None:
    async with await shown.browser() as boss, await shown.browser(Role.EMPLOYEE) as other:
        told = await boss.get(f"{WIDGET}?fail=1", headers=SCRIPT)
        less = await other.get(f"{WIDGET}?fail=1", headers=SCRIPT)
    assert (told.status_code, less.status_code) == (200, 200)
    assert "plugin.raised" in less.text
    assert "Try again" in less.text
    assert "&lt;broken&gt;" in told.text
    assert "broken" not in less.text


async def test_a_plugin_that_is_gone_is_said_in_its_place(shown: Instance) -> None:
    shown.services.runtime.detach(PLUGIN)
    async with await shown.browser() as browser:
        part = await browser.get(WIDGET, headers=SCRIPT)
    assert part.status_code == 404
    assert "plugin.not_active" in part.text
    assert "hx-retarget" not in part.headers


async def test_an_action_does_its_work_and_the_area_is_shown_again(shown: Instance) -> None:
    async with await shown.browser() as browser:
        done = await press(browser, "count")
    assert done.status_code == 200
    assert "Counted &lt;i&gt;" in done.text
    assert "{&#39;step&#39;: 2}" in done.text


async def test_what_an_action_left_goes_along_with_the_next(shown: Instance) -> None:
    async with await shown.browser() as browser:
        once = await press(browser, "count")
        address, ticket = tickets_of(once.text)["save"]
        fields = {"ticket": ticket, "f-name": "bad"}
        again = await browser.post(address, data=fields, headers=SCRIPT)
        sealed = re.findall(r'name="ticket" value="([^"]*)"', again.text)
    assert sealed == [ticket]


async def test_a_refusal_is_said_above_what_is_shown(shown: Instance) -> None:
    async with await shown.browser() as browser:
        refused = await press(browser, "remove")
    assert refused.status_code == 422
    assert refused.headers["hx-retarget"].endswith("-said")
    assert "Not now &lt;u&gt;" in refused.text


async def test_a_form_brings_what_was_entered_and_what_it_was_made_with(shown: Instance) -> None:
    fields = {
        "f-name": " Ada ",
        "f-age": "30",
        "f-sure": "true",
        "f-kind": "b",
        "f-days": ["Tu", "Mo"],
        "f-secret": "1",
    }
    async with await shown.browser() as browser:
        saved = await press(browser, "save", fields)
    said = {"secret": 7, "name": "Ada", "age": 30, "sure": True, "kind": "b", "days": ["Mo", "Tu"], "customer": None}
    assert repr(said) in unescape(saved.text)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "This is needed."),
        ({"f-name": "too long"}, "Write at most 5 characters."),
        ({"f-name": "a", "f-age": "0"}, "This must be 1 at least."),
        ({"f-name": "a", "f-age": "1.5"}, "Write a whole number."),
        ({"f-name": "a", "f-kind": "c"}, "Choose one of what is there."),
        ({"f-name": "a", "f-days": ["Mo", "Su"]}, "Choose some of what is there."),
        ({"f-name": "a", "f-customer": "x"}, "Choose a customer."),
        ({"f-name": "a", "f-customer": "00000000-0000-0000-0000-000000000000"}, "Choose a customer."),
        ({"f-name": "bad"}, "Not this one"),
        ({"f-name": "loose"}, "Not at all"),
    ],
)
async def test_what_is_wrong_is_said_in_the_form_with_what_was_entered(
    shown: Instance, fields: dict[str, Any], sentence: str
) -> None:
    async with await shown.browser() as browser:
        wrong = await press(browser, "save", {"f-age": "17", **fields})
    assert wrong.status_code == 422
    assert sentence in unescape(wrong.text)
    assert f'value="{fields.get("f-age", "17")}"' in wrong.text
    assert wrong.headers["hx-retarget"].startswith("#plugin-")
    assert wrong.text.count("<form") == 1


async def test_a_customer_is_picked_among_those_whom_the_person_may_see(shown: Instance) -> None:
    async with await shown.browser() as browser:
        ada = (await browser.post("/api/customers", json=a_customer(name="Ada <x>"))).json()
        part = (await browser.get(WIDGET, headers=SCRIPT)).text
        saved = await press(browser, "save", {"f-name": "a", "f-customer": ada["id"]})
    assert f'<option value="{ada["id"]}" dir="auto">Ada &lt;x&gt;</option>' in part
    assert ada["id"] in saved.text


async def test_somebody_is_led_to_a_page_of_the_plugin(shown: Instance) -> None:
    async with await shown.browser() as browser:
        led = await press(browser, "save", {"f-name": "lead"})
    assert led.headers["hx-redirect"] == f"/ext/{PLUGIN}/members?a=b"


async def test_details_of_a_failure_are_for_those_who_look_after_plugins(shown: Instance) -> None:
    async with await shown.browser() as boss, await shown.browser(Role.EMPLOYEE) as other:
        told, less = [await press(one, "save", {"f-name": "raise"}) for one in (boss, other)]
    assert told.status_code == less.status_code == 502
    assert "the details" in told.text
    assert "the details" not in less.text
    assert "plugin.raised" in less.text


async def test_it_all_works_without_a_script(shown: Instance) -> None:
    async with await shown.browser() as browser:
        page = (await browser.get(WIDGET, headers=HTML)).text
        address, ticket = tickets_of(page)["save"]
        wrong = await browser.post(address, data={"ticket": ticket, "f-name": ""}, headers=HTML)
        good = await browser.post(address, data={"ticket": ticket, "f-name": "Ada"}, headers=HTML)
        led = await browser.post(address, data={"ticket": ticket, "f-name": "lead"}, headers=HTML)
    assert (wrong.status_code, good.status_code, led.status_code) == (422, 200, 303)
    assert "<html" in wrong.text
    assert "This is needed." in wrong.text
    assert "&#39;name&#39;: &#39;Ada&#39;" in good.text
    assert led.headers["location"] == f"/ext/{PLUGIN}/members?a=b"


async def test_tables_are_sorted_and_turned_by_the_address(shown: Instance) -> None:
    async with await shown.browser() as browser:
        part = (await browser.get(f"{WIDGET}?sort=name", headers=SCRIPT)).text
    assert f'hx-get="{WIDGET}?sort=name&amp;page=2"' in part
    assert f'hx-get="{WIDGET}?sort=name"' in part
    assert ">name<" in part


async def test_a_plugins_page_is_in_the_menu_of_those_who_may_see_it(shown: Instance) -> None:
    shown.services.runtime.attach(
        await make_plugin(
            shown.services.pool, '@component("page", title="100 %s")\ndef a(self, ctx, props): ...', id="b.c"
        )
    )
    async with await shown.browser() as browser, await shown.browser(Role.PUBLISHER) as publisher:
        page = await browser.get(f"/ext/{PLUGIN}/members?page=3", headers=HTML)
        hidden = await publisher.get(f"/ext/{PLUGIN}/members", headers=HTML)
        missing = await browser.get(f"/ext/{PLUGIN}/widget", headers=HTML)
    assert f'href="/ext/{PLUGIN}/members"' in page.text
    assert f'hx-get="/plugins/{PLUGIN}/components/members?page=3"' in page.text
    assert "100 %s" in page.text
    assert (hidden.status_code, missing.status_code) == (403, 404)


async def test_an_area_beside_a_customer_is_told_which(shown: Instance) -> None:
    async with await shown.browser() as browser:
        part = await browser.get(f"/plugins/{PLUGIN}/components/points?_entity=0190-ab", headers=SCRIPT)
    assert "0190-ab" in part.text


# Nobody can ask for what was not offered to them.


@pytest.fixture
async def offered(shown: Instance) -> AsyncIterator[tuple[Instance, httpx.AsyncClient, str, str]]:
    """An instance, a browser, and the address and ticket of an action that somebody was offered in it."""
    async with await shown.browser() as browser:
        address, ticket = tickets_of((await browser.get(WIDGET, headers=SCRIPT)).text)["count"]
        yield shown, browser, address, ticket


Offered = tuple[Instance, httpx.AsyncClient, str, str]


async def refused(browser: httpx.AsyncClient, address: str, ticket: str) -> bool:
    answer = await browser.post(address, data={"ticket": ticket}, headers=SCRIPT)
    return answer.status_code == 422 and "ui.ticket_refused" in answer.text


@pytest.mark.parametrize("ticket", ["", "x", "ä", "AAAA", "A" * 200_004, "{}", "=" * 40])
async def test_a_ticket_that_we_have_not_made_is_refused(offered: Offered, ticket: str) -> None:
    _, browser, address, _ = offered
    assert await refused(browser, address, ticket)


async def test_a_ticket_that_was_changed_is_refused(offered: Offered) -> None:
    _, browser, address, ticket = offered
    for place in range(0, len(ticket), 7):
        other = "B" if ticket[place] == "A" else "A"
        assert await refused(browser, address, ticket[:place] + other + ticket[place + 1 :])


async def test_a_ticket_of_another_instance_is_refused(offered: Offered) -> None:
    instance, browser, address, ticket = offered
    jar = instance.services.jar
    mine = Tickets(jar.secret)
    raw = mine.open(ticket, str((await browser.get("/api/me")).json()["user"]["id"]), PLUGIN, "count")
    assert await refused(browser, address, Tickets(bytes(32)).seal(raw))


async def test_a_ticket_is_for_one_person(offered: Offered) -> None:
    instance, _, address, ticket = offered
    async with await instance.browser() as other:
        assert await refused(other, address, ticket)


async def test_a_ticket_is_for_one_action_of_one_plugin(offered: Offered, pool: Pool) -> None:
    instance, browser, address, ticket = offered
    instance.services.runtime.attach(await make_plugin(pool, BODY, id="acme.other"))
    assert await refused(browser, address.replace("count", "remove"), ticket)
    assert await refused(browser, address.replace(PLUGIN, "acme.other"), ticket)


async def test_a_ticket_ends(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    _, browser, address, ticket = offered
    monkeypatch.setattr("rising_bsm.web.plugin_ui.tickets.SECONDS", -61)
    assert await refused(browser, address, ticket)


async def test_a_ticket_is_worth_nothing_without_the_proof_that_it_is_meant(offered: Offered) -> None:
    instance, browser, address, ticket = offered
    session = browser.cookies[instance.services.jar.session]
    async with instance.browser_with(session, csrf=False) as elsewhere:
        answer = await elsewhere.post(address, data={"ticket": ticket}, headers=SCRIPT)
    assert answer.status_code == 403
    assert "auth.csrf" in answer.text


async def test_a_ticket_is_worth_nothing_when_the_right_is_gone(shown: Instance, pool: Pool) -> None:
    boss = await shown.add_user(Role.ADMIN)
    async with await shown.browser(user=boss) as browser:
        body = BODY.replace('title="Visits 100% <b>"', 'title="A", permission="plugins.manage"')
        shown.services.runtime.attach(await make_plugin(pool, body))
        address, ticket = tickets_of((await browser.get(WIDGET, headers=SCRIPT)).text)["count"]
        async with shown.services.database.transaction() as session:
            (await session.merge(boss)).role = Role.EMPLOYEE
        answer = await browser.post(address, data={"ticket": ticket}, headers=SCRIPT)
    assert answer.status_code == 403
    assert "permission.denied" in answer.text


async def test_pictures_of_the_bundle_are_shown_and_nothing_else_of_it(instance: Instance, pool: Pool) -> None:
    body = '@component("page", title="A")\ndef a(self, ctx, props):\n    return ui.Image("a.png", "A")'
    png = b"\x89PNG\r\n\x1a\n" + bytes(20)
    files = {"ui/a.png": png, "ui/b.html": b"<script>"}
    bundle = await make_signed_plugin(pool, body, files=files)
    async with await instance.browser() as browser:
        from support.bundles import make_key

        key = {"publisher": "acme", "public_key": str(make_key().public_key)}
        assert (await browser.post("/api/trusted-keys", json=key)).is_success
        made = await browser.post("/api/plugins", content=bundle, headers={"Content-Type": "application/zip"})
        assert made.is_success, made.text
        part = (await browser.get(f"/plugins/{PLUGIN}/components/a", headers=SCRIPT)).text
        address = re.findall(r'src="([^"]*)"', part)[0]
        picture = await browser.get(address)
        other = await browser.get(address.replace("a.png", "b.html"))
        missing = await browser.get(address.replace("a.png", "c.png"))
    assert (picture.content, picture.headers["content-type"]) == (png, "image/png")
    assert "sandbox" in picture.headers["content-security-policy"]
    assert (other.status_code, missing.status_code) == (404, 404)
