"""Who did what, by person, by what it was about, by what was done, and further back."""

import html
import re

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.accounts.activity import record
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio


def deeds(page: httpx.Response) -> list[str]:
    """Each entry in words."""
    found = re.findall(r'<span class="deed">(.*?)</span>\s*<time', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in found]


async def test_what_was_done_is_a_sentence_that_leads_to_it(instance: Instance) -> None:
    user = await instance.add_user(name="Ben <b>")
    async with await instance.browser(user=user) as browser:
        made = (await browser.post("/api/customers", json=a_customer())).json()
        path = f"/customers/{made['id']}"
        await browser.patch(f"/api{path}", json={"phone": "1", "postal_code": "2"})
        page = await browser.get("/activity")
        await browser.delete(f"/api{path}")
        after = await browser.get("/activity")
    assert deeds(page) == [
        "Ben &lt;b&gt; changed the customer : telephone, postal code",
        "Ben &lt;b&gt; added the customer",
    ]
    assert f'<a href="{path}">added the customer</a>' in page.text
    assert deeds(after)[0] == "Ben &lt;b&gt; deleted the customer"
    assert after.text.count(path) == 2


async def test_each_filter_leaves_only_what_fits(instance: Instance) -> None:
    anna, ben = await instance.add_user(name="Anna"), await instance.add_user(name="Ben")
    async with await instance.browser(user=anna) as one, await instance.browser(user=ben) as other:
        made = (await one.post("/api/customers", json=a_customer())).json()
        await other.patch(f"/api/customers/{made['id']}", json={"phone": "1"})
        await other.post("/api/requests", json={"name": "Bob", "email": "b@example.com"})
        asked = {
            name: deeds(await one.get("/activity", params=query))
            for name, query in {
                "person": {"person": str(anna.id), "entity": "", "action": ""},
                "entity": {"entity": "request"},
                "one": {"entity": "customer", "entity_id": made["id"]},
                "action": {"action": "customers.update"},
                "nothing": {"action": "users.password"},
            }.items()
        }
    assert asked == {
        "person": ["Anna added the customer"],
        "entity": ["Ben added the request"],
        "one": ["Ben changed the customer : telephone", "Anna added the customer"],
        "action": ["Ben changed the customer : telephone"],
        "nothing": [],
    }


async def test_older_leads_further_back_and_keeps_the_filters(instance: Instance) -> None:
    user = await instance.add_user(name="Anna")
    async with instance.services.database.transaction() as session:
        for number in range(60):
            record(session, user.actor, f"deed.{number}", "plugin", "acme.loyalty", {})
    async with await instance.browser(user=user) as browser:
        first = await browser.get("/activity?entity=plugin")
        older = html.unescape(re.findall(r'rel="next" href="([^"]*)"', first.text)[0])
        second = await browser.get(older)
    assert (len(deeds(first)), len(deeds(second))) == (50, 10)
    assert deeds(first)[0] == "Anna deed.59 acme.loyalty"
    assert deeds(second)[-1] == "Anna deed.0 acme.loyalty"
    assert "entity=plugin" in older
    assert 'rel="next"' not in second.text
    assert "Newest" in second.text


@pytest.mark.parametrize("query", ["person=x", "before=x", "person=%00"])
async def test_a_wrong_question_is_said(instance: Instance, query: str) -> None:
    async with await instance.browser() as browser:
        assert (await browser.get(f"/activity?{query}")).status_code == 422


async def test_it_is_not_for_everybody(instance: Instance) -> None:
    async with await instance.browser(Role.EMPLOYEE) as browser:
        assert (await browser.get("/activity")).status_code == 403
