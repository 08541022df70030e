from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from rising_bsm.accounts import Role
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio

BERLIN = {"rbsm_zone": "Europe/Berlin"}
TYPED = {
    "title": "Visit",
    "date": "2030-01-31",
    "time": "13:00",
    "duration_minutes": "60",
    "time_zone": "Europe/Berlin",
    "status": "planned",
}


async def in_berlin(instance: Instance, role: Role = Role.MANAGER, **known: Any) -> httpx.AsyncClient:
    browser = await instance.browser(role, **known)
    browser.cookies.update(BERLIN)
    return browser


async def add(browser: httpx.AsyncClient, **fields: str) -> str:
    """The id of an appointment that was added by the form."""
    added = await browser.post("/appointments/new", data=TYPED | fields)
    assert added.status_code == 303, added.text
    return str(added.headers["location"]).rpartition("/")[2]


async def stored(browser: httpx.AsyncClient, appointment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get(f"/api/appointments/{appointment_id}")).json()
    return found


async def test_what_is_typed_is_what_is_stored(instance: Instance) -> None:
    browser = await in_berlin(instance)
    customer = (await browser.post("/api/customers", json=a_customer(name="Ines Grün"))).json()["id"]
    fields = {"customer_id": customer, "location": "Workshop", "description": "one\r\ntwo", "status": "confirmed"}

    kept = await stored(browser, await add(browser, **fields))

    assert kept["starts_at"] == "2030-01-31T12:00:00.000000Z"
    assert (kept["time_zone"], kept["local_start"]) == ("Europe/Berlin", "2030-01-31T13:00:00+01:00")
    assert (kept["customer_id"], kept["location"], kept["status"]) == (customer, "Workshop", "confirmed")
    page = (await browser.get(f"/appointments/{kept['id']}")).text
    assert "Thursday, 31 January 2030, 13:00" in page
    assert "Ines Grün" in page


async def test_a_time_is_shown_in_the_zone_of_whoever_reads(instance: Instance) -> None:
    browser = await in_berlin(instance)
    there = await add(browser)
    browser.cookies.set("rbsm_zone", "Asia/Tokyo")

    page = (await browser.get(f"/appointments/{there}")).text

    assert "21:00" in page
    assert "13:00 in Europe/Berlin" in page
    form = (await browser.get(f"/appointments/{there}/edit")).text
    assert 'value="21:00"' in form
    assert 'name="time_zone" value="Asia/Tokyo"' in form


async def test_everything_that_is_wrong_is_said_at_its_field_and_what_was_typed_stays(instance: Instance) -> None:
    browser = await in_berlin(instance)
    wrong = {"title": "", "time": "noon", "duration_minutes": "x", "location": "Workshop <3"}

    refused = await browser.post("/appointments/new", data=TYPED | wrong)

    assert refused.status_code == 422
    for name in ("title", "time", "duration_minutes"):
        assert f'id="{name}-error"' in refused.text
    assert 'value="Workshop &lt;3"' in refused.text
    assert (await browser.get("/api/appointments")).json()["total"] == 0


async def test_a_time_that_is_left_out_is_refused(instance: Instance) -> None:
    refused = await (await in_berlin(instance)).post(
        "/appointments/new", data=TYPED | {"date": "2026-03-29", "time": "02:30"}
    )
    assert refused.status_code == 422
    assert "There is no 02:30 on this day" in refused.text


async def test_a_time_that_comes_twice_is_asked_about(instance: Instance) -> None:
    browser = await in_berlin(instance)
    twice = {"date": "2026-10-25", "time": "02:30"}

    asked = await browser.post("/appointments/new", data=TYPED | twice)
    assert asked.status_code == 422
    assert "The second, UTC+01:00" in asked.text
    there = await add(browser, **twice, which="second")

    assert (await stored(browser, there))["starts_at"] == "2026-10-25T01:30:00.000000Z"
    assert '<option value="second" selected>' in (await browser.get(f"/appointments/{there}/edit")).text


async def test_a_form_that_changes_nothing_changes_nothing(instance: Instance) -> None:
    browser = await in_berlin(instance)
    draft = {"title": "Odd", "starts_at": "2026-10-25T01:30:07.123456Z", "time_zone": "America/Lima"}
    made = (await browser.post("/api/appointments", json=draft)).json()
    typed = TYPED | {"title": "Odd", "date": "2026-10-25", "time": "02:30:07", "which": "second", "version": "1"}

    await browser.post(f"/appointments/{made['id']}/edit", data=typed)
    assert await stored(browser, made["id"]) == made
    await browser.post(f"/appointments/{made['id']}/edit", data=typed | {"time": "03:00", "which": ""})
    changed = await stored(browser, made["id"])
    assert (changed["starts_at"], changed["time_zone"]) == ("2026-10-25T02:00:00.000000Z", "America/Lima")


async def test_a_change_of_somebody_else_is_told_and_may_be_written_over(instance: Instance) -> None:
    browser = await in_berlin(instance)
    there = await add(browser)
    await browser.patch(f"/api/appointments/{there}", json={"title": "Theirs"})

    refused = await browser.post(f"/appointments/{there}/edit", data=TYPED | {"title": "Mine", "version": "1"})

    assert refused.status_code == 409
    assert 'value="Mine"' in refused.text
    assert 'name="version" value="2"' in refused.text
    await browser.post(f"/appointments/{there}/edit", data=TYPED | {"title": "Mine", "version": "2"})
    assert (await stored(browser, there))["title"] == "Mine"


async def test_two_at_a_time_are_booked_when_that_is_meant(instance: Instance) -> None:
    user = await instance.add_user(Role.MANAGER)
    browser = await in_berlin(instance, user=user)
    await add(browser, title="First", assignee_id=str(user.id))
    second = TYPED | {"title": "Second", "assignee_id": str(user.id), "time": "13:30"}

    refused = await browser.post("/appointments/new", data=second)
    assert refused.status_code == 409
    assert 'id="time-error"' in refused.text
    assert ">First<" in refused.text.partition('id="taken"')[2]
    assert (await browser.post("/appointments/new", data=second | {"allow_overlap": "true"})).status_code == 303


async def test_a_state_is_changed_and_undone(instance: Instance) -> None:
    browser = await in_berlin(instance)
    there = await add(browser)

    done = await browser.post(f"/appointments/{there}/status", data={"status": "confirmed", "version": "1"})
    page = (await browser.get(done.headers["location"])).text

    assert "The status was “Planned” and is “Confirmed” now." in page
    undone = {"status": "planned", "version": "2", "undo": "true"}
    assert (await browser.post(f"/appointments/{there}/status", data=undone)).headers["location"].endswith(there)
    assert (await stored(browser, there))["status"] == "planned"
    late = await browser.post(f"/appointments/{there}/status", data=undone)
    assert late.status_code == 409
    assert "appointments.changed_meanwhile" in late.text


async def test_who_may_not_delete_is_not_shown_how_and_refused(instance: Instance) -> None:
    manager, employee = await in_berlin(instance), await in_berlin(instance, Role.EMPLOYEE)
    there = await add(manager)

    assert f"/appointments/{there}/delete" not in (await employee.get(f"/appointments/{there}")).text
    assert (await employee.post(f"/appointments/{there}/delete")).status_code == 403
    assert (await stored(manager, there))["title"] == "Visit"
    assert f"/appointments/{there}/delete" in (await manager.get(f"/appointments/{there}")).text
    gone = await manager.post(f"/appointments/{there}/delete")
    assert unquote(gone.cookies["rbsm_said"]) == "The appointment is deleted."
    assert (await manager.get(f"/appointments/{there}")).status_code == 404


@pytest.mark.parametrize("path", ["", "/calendar", "/new", "/customers?find=a"])
async def test_who_sees_nothing_of_the_business_sees_none(instance: Instance, path: str) -> None:
    await add(await in_berlin(instance))
    answer = await (await instance.browser(Role.PUBLISHER)).get(f"/appointments{path}")
    assert answer.status_code == 403
    assert "Visit" not in answer.text


async def test_the_list_is_searched_filtered_and_turned_by_its_address(instance: Instance) -> None:
    browser = await in_berlin(instance)
    for number in range(27):
        await add(browser, title=f"Visit {number:02}", date="2035-01-31", time=f"{number // 2:02}:{number % 2 * 30:02}")
    await add(browser, title="Long ago", date="2020-01-31")

    async def listed(**query: str) -> list[str]:
        page = (await browser.get("/appointments", params=query)).text
        return [part.partition("<")[0] for part in page.split("<bdi>")[1:] if part.startswith(("Visit", "Long"))]

    assert await listed() == [f"Visit {number:02}" for number in range(25)]
    assert await listed(offset="25") == ["Visit 25", "Visit 26"]
    assert (await listed(sort="-starts_at"))[0] == "Visit 26"
    assert await listed(period="past") == ["Long ago"]
    assert await listed(search="visit 07") == ["Visit 07"]
    assert await listed(since="2020-01-31", until="2020-01-31") == ["Long ago"]
    assert await listed(status="cancelled", period="all") == []
    assert "No appointment is like this" in (await browser.get("/appointments?search=nothing")).text


async def test_the_calendar_has_every_day_and_what_is_on_it(instance: Instance) -> None:
    browser = await in_berlin(instance)
    await add(browser, title="Overnight", date="2026-11-22", time="22:00", duration_minutes="180")

    month = (await browser.get("/appointments/calendar?view=month&day=2026-11-22")).text
    week = (await browser.get("/appointments/calendar?view=week&day=2026-11-23")).text

    assert "<h1>November 2026</h1>" in month
    assert month.count("Overnight") == 2
    assert "from 22:00" in month
    assert "until 01:00" in month
    assert week.count("<td") == 7
    assert week.count("Overnight") == 1
    assert "day=2026-10-31" in month
    assert "day=2026-12-01" in month
    empty = (await browser.get("/appointments/calendar?day=2027-05-01")).text
    assert "Nothing is planned here." in empty
    assert "Overnight" not in (await browser.get("/appointments/calendar?day=2026-11-22&status=cancelled")).text


async def test_customers_are_found_for_the_form_and_the_chosen_one_stays(instance: Instance) -> None:
    browser = await in_berlin(instance)
    ids = [(await browser.post("/api/customers", json=a_customer(name=name))).json()["id"] for name in ("Ada", "Bob")]

    part = (await browser.get("/appointments/customers", params={"find": "ada", "customer_id": ids[1]})).text

    assert part.index("Bob") < part.index("Ada")
    assert f'value="{ids[1]}" checked' in part
    assert "1 customer found" in part
    assert "Nobody is found by this." in (await browser.get("/appointments/customers?find=zzz")).text
    assert f'value="{ids[0]}" checked' in (await browser.get(f"/appointments/new?customer_id={ids[0]}")).text
