"""The dashboard: numbers that lead to what they count, for each what they may see, and how to begin."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.web.i18n import speaking
from rising_bsm.web.pages.dashboard import WEEKS, week_borders
from rising_bsm.web.preferences import Preferences
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio


def tiles(page: httpx.Response) -> dict[str, str]:
    """What each number leads to, and the number."""
    return dict(re.findall(r'<a class="tile-main" href="([^"]*)">.*?tile-count">([^<]*)<', page.text, re.DOTALL))


async def test_numbers_lead_to_what_they_count(instance: Instance) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    async with await instance.browser(Role.EMPLOYEE) as browser:
        made = (await browser.post("/api/customers", json=a_customer(name="Ada <b>", status="lead"))).json()
        visit = {"title": "Visit <i>", "starts_at": soon, "customer_id": made["id"]}
        await browser.post("/api/appointments", json=visit)
        await browser.post("/api/requests", json={"name": "Bob", "email": "b@example.com", "service": "Roof"})
        page = await browser.get("/")
    assert tiles(page) == {"/customers": "1", "/appointments": "1", "/requests": "1"}
    assert '<a class="tile-extra" href="/customers?status=lead">1 lead</a>' in page.text
    assert "Visit &lt;i&gt;" in page.text
    assert "Ada &lt;b&gt;" in page.text
    assert "Roof" in page.text
    assert "<figure" in page.text


async def test_a_new_instance_says_what_to_do(instance: Instance) -> None:
    async with await instance.browser() as admin, await instance.browser(Role.EMPLOYEE) as employee:
        for_admin, for_employee = await admin.get("/"), await employee.get("/")
    assert "Add your first customer" in for_admin.text
    assert "Look at plugins" in for_admin.text
    assert "Add your first customer" in for_employee.text
    assert "Look at plugins" not in for_employee.text
    assert tiles(for_admin) == {}


async def test_who_sees_nothing_of_the_business_is_led_to_what_they_are_here_for(instance: Instance) -> None:
    async with await instance.browser(Role.EMPLOYEE) as employee:
        await employee.post("/api/customers", json=a_customer())
    async with await instance.browser(Role.PUBLISHER) as publisher:
        answer = await publisher.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/publishing")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Africa/Cairo"])
def test_weeks_are_those_of_whoever_looks(zone: str) -> None:
    with speaking(Preferences(time_zone=zone)):
        borders = week_borders()
    assert len(borders) == WEEKS + 1
    assert {(one.weekday(), one.hour, one.minute) for one in borders} == {(0, 0, 0)}
    assert borders[-2] <= datetime.now(UTC) < borders[-1]
