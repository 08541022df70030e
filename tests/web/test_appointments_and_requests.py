from typing import Any

import pytest

from rising_bsm.accounts import Role
from rising_bsm.web.submissions import IN_ALL, PER_CLIENT
from support.business import NOON, a_request, an_appointment, told
from support.web import PASSWORD, Instance, a_customer

pytestmark = pytest.mark.anyio

DRAFTS = {"customers": a_customer, "appointments": an_appointment, "requests": a_request}
CHANGES = {"customers": {"city": "Bonn"}, "appointments": {"title": "Other"}, "requests": {"status": "in_progress"}}


@pytest.mark.parametrize("noun", DRAFTS)
async def test_an_entity_is_made_read_changed_and_removed(instance: Instance, noun: str) -> None:
    async with await instance.program() as program:
        made = await program.post(f"/api/{noun}", json=DRAFTS[noun]())
        path = f"/api/{noun}/{made.json()['id']}"
        changed = await program.patch(path, json=CHANGES[noun], headers={"If-Match": made.headers["etag"]})
        late = await program.patch(path, json=CHANGES[noun], headers={"If-Match": made.headers["etag"]})
        read = await program.get(path)
        listed = await program.get(f"/api/{noun}", params={"limit": "1"})
        assert (await program.delete(path, headers={"If-Match": read.headers["etag"]})).status_code == 204
        gone = await program.get(path)
    assert (made.status_code, changed.status_code, late.status_code) == (201, 200, 409)
    assert late.json()["code"] == f"{noun}.changed_meanwhile"
    assert changed.json() == read.json() == listed.json()["items"][0]
    assert CHANGES[noun].items() <= changed.json().items()
    assert (gone.status_code, gone.json()["code"]) == (404, f"{noun}.not_found")


@pytest.mark.parametrize("noun", DRAFTS)
async def test_notes_and_activity_are_below_the_entity(instance: Instance, noun: str) -> None:
    async with await instance.program() as program, await instance.program(Role.EMPLOYEE) as employee:
        path = f"/api/{noun}/{(await program.post(f'/api/{noun}', json=DRAFTS[noun]())).json()['id']}"
        await program.post(f"/api/{noun}", json=DRAFTS[noun]())
        note = await employee.post(f"{path}/notes", json={"text": "Called."})
        notes = (await program.get(f"{path}/notes")).json()
        activity = (await program.get(f"{path}/activity")).json()
        for wrong in ({"limit": "0"}, {"before": "x"}, {"colour": "red"}):
            assert (await program.get(f"{path}/notes", params=wrong)).status_code == 422
        assert (await employee.get(f"{path}/activity")).json()["place"] == "activity.read"
        assert (await employee.delete(f"{path}/notes/{note.json()['id']}")).status_code == 204
        removed = await program.delete(f"{path}/notes/{note.json()['id']}")
    assert note.status_code == 201
    assert notes == {"items": [note.json()], "next": None}
    assert [entry["action"] for entry in activity["items"]] == ["notes.create", f"{noun}.create"]
    assert removed.json()["code"] == "notes.not_found"


@pytest.mark.parametrize("noun", DRAFTS)
async def test_what_a_role_may_not_do_is_refused_with_the_permission_it_lacks(instance: Instance, noun: str) -> None:
    async with await instance.program(Role.EMPLOYEE) as program:
        made = await program.post(f"/api/{noun}", json=DRAFTS[noun]())
        answer = await program.delete(f"/api/{noun}/{made.json()['id']}")
    assert (answer.status_code, answer.json()["place"]) == (403, f"{noun}.delete")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("appointments", {"starts_from": "yesterday"}),
        ("appointments", {"starts_before": "5"}),
        ("appointments", {"customer_id": "' OR 1=1 --"}),
        ("appointments", {"status": "new"}),
        ("requests", {"sort": "email"}),
        ("requests", {"status": "open"}),
    ],
)
async def test_a_wrong_parameter_is_named(instance: Instance, path: str, query: dict[str, str]) -> None:
    async with await instance.program() as program:
        answer = await program.get(f"/api/{path}", params=query)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == set(query)


async def test_a_request_is_converted(instance: Instance) -> None:
    async with await instance.program() as program:
        made = (await program.post("/api/requests", json=a_request())).json()
        into = {"customer": {"city": "Bonn"}, "appointment": {"starts_at": NOON}}
        answer = await program.post(f"/api/requests/{made['id']}/convert", json=into)
        customer = (await program.get(f"/api/customers/{answer.json()['customer_id']}")).json()
        appointments = (await program.get("/api/appointments", params={"customer_id": customer["id"]})).json()
        again = await program.post(f"/api/requests/{made['id']}/convert", json=into)
    assert answer.status_code == 200
    assert (answer.json()["status"], customer["city"]) == ("completed", "Bonn")
    assert [one["id"] for one in appointments["items"]] == [answer.json()["appointment_id"]]
    assert (again.status_code, again.json()["code"]) == (409, "requests.already_converted")


async def test_a_visitor_sends_a_request_and_learns_nothing(instance: Instance) -> None:
    async with instance.visitor() as visitor, await instance.program() as program:
        answer = await visitor.post("/api/public/requests", json=a_request(message="Hello"))
        wrong = await visitor.post("/api/public/requests", json={"name": "Bob", "status": "completed"})
        listed = (await program.get("/api/requests")).json()["items"]
        (entry,) = (await program.get("/api/activity")).json()["items"]
    assert (answer.status_code, answer.json()) == (201, {"received": True})
    assert "etag" not in answer.headers
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"email", "status"})
    assert [(one["name"], one["message"], one["source"]) for one in listed] == [("Bob", "Hello", "website")]
    assert (entry["user_id"], entry["user_name"], entry["action"]) == (None, "visitor", "requests.create")


async def test_who_is_signed_in_is_a_visitor_there_as_well(instance: Instance) -> None:
    async with await instance.browser() as browser:
        await browser.post("/api/public/requests", json=a_request())
        (entry,) = (await browser.get("/api/activity")).json()["items"]
    assert entry["user_name"] == "visitor"


async def test_visitors_are_slowed_down_one_by_one_and_all_together(instance: Instance) -> None:
    statuses: list[int] = []
    for number in range(IN_ALL // PER_CLIENT + 1):
        async with instance.visitor(address=f"198.51.100.{number}") as visitor:
            statuses += [(await visitor.post("/api/public/requests", json={})).status_code for _ in range(PER_CLIENT)]
    async with instance.visitor(address="198.51.100.1") as visitor:
        answer = await visitor.post("/api/public/requests", json=a_request())
    assert statuses == [422] * IN_ALL + [429] * PER_CLIENT
    assert answer.status_code == 429
    assert answer.json()["message"] == "Too many service requests from one address."
    assert int(answer.headers["retry-after"]) > 0


async def test_nothing_large_is_taken_from_visitors(instance: Instance) -> None:
    async with instance.visitor() as visitor:
        answer = await visitor.post("/api/public/requests", json=a_request(message="x" * 70_000))
    assert answer.status_code == 413


async def test_signing_in_is_told_without_secrets(instance: Instance) -> None:
    events = told(instance.services.hooks)
    user = await instance.add_user(email="anna@example.com", name="Anna")
    async with instance.visitor() as browser:
        await browser.post("/api/session", json={"email": "anna@example.com", "password": "wrong"})
        await browser.post("/api/session", json={"email": "anna@example.com", "password": PASSWORD})
    (event,) = events
    known: dict[str, Any] = {"id": str(user.id), "name": "Anna"}
    assert (event.name, event.entity_id, event.before, event.after) == ("user.logged_in", str(user.id), None, known)
