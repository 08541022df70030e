from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from support.business import a_request
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio

WHEN = {
    "plan": "true",
    "appointment-title": "Roof",
    "appointment-date": "2030-01-31",
    "appointment-time": "13:00",
    "appointment-duration_minutes": "60",
    "appointment-time_zone": "Europe/Berlin",
}
SOMEBODY = {"customer_id": "new", "customer-name": "Bob", "customer-email": "bob@visitors.example"}
CONVERT = {"status": "completed", "version": "1"}


async def add(browser: httpx.AsyncClient, **fields: Any) -> str:
    return str((await browser.post("/api/requests", json=a_request(**fields))).json()["id"])


async def stored(browser: httpx.AsyncClient, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get(f"/api/requests/{request_id}")).json()
    return found


async def test_a_request_is_added_by_hand_and_corrected(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    typed = {"name": "Bob", "email": "nobody", "message": "Hello\r\n<script>"}

    refused = await browser.post("/requests/new", data=typed)
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
    assert "&lt;script&gt;" in refused.text
    there = (await browser.post("/requests/new", data=typed | {"email": "b@x.example"})).headers["location"]
    changed = await browser.post(f"{there}/edit", data=typed | {"email": "c@x.example", "version": "1"})

    assert changed.headers["location"] == there
    kept = await stored(browser, there.rpartition("/")[2])
    assert (kept["email"], kept["message"], kept["status"]) == ("c@x.example", "Hello\n<script>", "new")
    late = await browser.post(f"{there}/edit", data=typed | {"email": "d@x.example", "version": "1"})
    assert late.status_code == 409


async def test_requests_are_listed_the_newest_first_and_found(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    browser = await instance.browser(user=user)
    assert "Nobody has asked for anything yet" in (await browser.get("/requests")).text
    await add(browser, name="Ada")
    await add(browser, name="Bob", status="in_progress", assignee_id=str(user.id))

    async def listed(**query: str) -> list[str]:
        page = (await browser.get("/requests", params=query)).text.partition("<tbody>")[2]
        return [name for name in ("Bob", "Ada") if f"<bdi>{name}</bdi>" in page]

    assert await listed() == ["Bob", "Ada"]
    page = (await browser.get("/requests")).text
    assert page.index("<bdi>Bob</bdi>") < page.index("<bdi>Ada</bdi>")
    assert await listed(status="new") == ["Ada"]
    assert await listed(assignee_id=str(user.id)) == ["Bob"]
    assert await listed(search="ada") == ["Ada"]
    assert "No request is like this" in (await browser.get("/requests?search=nothing")).text


async def test_somebody_sees_to_it(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE, name="Ada")
    browser = await instance.browser(user=user)
    there = await add(browser)

    await browser.post(f"/requests/{there}/assignee", data={"assignee_id": str(user.id), "version": "1"})
    assert (await stored(browser, there))["assignee_id"] == str(user.id)
    stale = await browser.post(f"/requests/{there}/assignee", data={"assignee_id": "", "version": "1"})
    assert stale.status_code == 409
    await browser.post(f"/requests/{there}/assignee", data={"assignee_id": "", "version": "2"})
    assert (await stored(browser, there))["assignee_id"] is None


async def test_a_state_is_changed_and_undone(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    there = await add(browser)

    done = await browser.post(f"/requests/{there}/status", data={"status": "in_progress", "version": "1"})
    assert "is “In progress” now." in (await browser.get(done.headers["location"])).text
    await browser.post(f"/requests/{there}/status", data={"status": "new", "version": "2", "undo": "true"})
    assert (await stored(browser, there))["status"] == "new"


async def test_it_becomes_a_customer_and_an_appointment_at_once(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    there = await add(browser)
    form = (await browser.get(f"/requests/{there}/convert")).text
    assert 'value="bob@visitors.example"' in form
    assert 'value="new" checked' in form

    done = await browser.post(f"/requests/{there}/convert", data=CONVERT | SOMEBODY | WHEN)

    assert done.status_code == 303
    kept = await stored(browser, there)
    customer = (await browser.get(f"/api/customers/{kept['customer_id']}")).json()
    appointment = (await browser.get(f"/api/appointments/{kept['appointment_id']}")).json()
    assert (customer["name"], customer["email"], kept["status"]) == ("Bob", "bob@visitors.example", "completed")
    assert (appointment["starts_at"], appointment["customer_id"]) == ("2030-01-31T12:00:00.000000Z", customer["id"])
    page = (await browser.get(f"/requests/{there}")).text
    assert f"/customers/{customer['id']}" in page
    assert f"/requests/{there}/convert" not in page


async def test_a_customer_with_the_same_address_is_offered(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    known = (await browser.post("/api/customers", json=a_customer(name="Robert", email="bob@visitors.example"))).json()
    there = await add(browser)

    form = (await browser.get(f"/requests/{there}/convert")).text
    assert f'value="{known["id"]}" checked' in form
    assert "There is a customer with this e-mail address already." in form
    await browser.post(f"/requests/{there}/convert", data=CONVERT | {"customer_id": known["id"]})
    assert (await stored(browser, there))["customer_id"] == known["id"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"customer-name": ""}, "customer-name"),
        ({"customer-email": "nobody"}, "customer-email"),
        ({"appointment-time": "noon"}, "appointment-time"),
        ({"appointment-title": ""}, "appointment-title"),
        ({"appointment-duration_minutes": "0"}, "appointment-duration_minutes"),
        ({"customer_id": "", "plan": ""}, "customer_id"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(
    instance: Instance, wrong: dict[str, str], field: str
) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    there = await add(browser)

    refused = await browser.post(f"/requests/{there}/convert", data=CONVERT | SOMEBODY | WHEN | wrong)

    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert (await browser.get("/api/customers")).json()["total"] == 0
    assert (await browser.get("/api/appointments")).json()["total"] == 0


async def test_a_taken_time_is_said_and_may_be_booked_anyway(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    browser = await instance.browser(user=user)
    first = {"title": "First", "starts_at": "2030-01-31T12:00:00Z", "assignee_id": str(user.id)}
    await browser.post("/api/appointments", json=first)
    there = await add(browser)
    wanted = CONVERT | SOMEBODY | WHEN | {"appointment-assignee_id": str(user.id)}

    refused = await browser.post(f"/requests/{there}/convert", data=wanted)
    assert refused.status_code == 409
    assert 'id="appointment-time-error"' in refused.text
    assert ">First<" in refused.text
    again = await browser.post(f"/requests/{there}/convert", data=wanted | {"appointment-allow_overlap": "true"})
    assert again.status_code == 303


async def test_who_may_not_delete_is_not_shown_how_and_refused(instance: Instance) -> None:
    manager, employee = await instance.browser(Role.MANAGER), await instance.browser(Role.EMPLOYEE)
    there = await add(manager)

    assert f"/requests/{there}/delete" not in (await employee.get(f"/requests/{there}")).text
    assert (await employee.post(f"/requests/{there}/delete")).status_code == 403
    assert (await manager.post(f"/requests/{there}/delete")).headers["location"] == "/requests"
    assert (await manager.get(f"/requests/{there}")).status_code == 404


@pytest.mark.parametrize("path", ["", "/new"])
async def test_who_sees_nothing_of_the_business_sees_none(instance: Instance, path: str) -> None:
    assert (await (await instance.browser(Role.PUBLISHER)).get(f"/requests{path}")).status_code == 403
