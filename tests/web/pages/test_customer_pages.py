"""Customers as people see them: the list, one of them, adding, changing at the same time, removing."""

import html
import re
from typing import Any

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.errors import InvalidInput
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio


async def _add(instance: Instance, **fields: Any) -> str:
    async with await instance.program() as program:
        answer = await program.post("/api/customers", json=a_customer(**fields))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def names(page: httpx.Response) -> list[str]:
    return [
        html.unescape(name) for name in re.findall(r'<a href="/customers/[0-9a-f-]{36}" dir="auto">([^<]*)', page.text)
    ]


def form_of(page: httpx.Response) -> dict[str, str]:
    """The hidden and typed fields of the main form, as a browser would send them."""
    body = page.text[page.text.index("card card-body") :]
    found = dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', body))
    swapped = {name: value for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([^"]*)"', body)}
    chosen = {
        name: (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
        for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL)
    }
    areas = dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.DOTALL))
    found = swapped | found | chosen | areas
    found.pop("newsletter", None)
    return {name: html.unescape(value) for name, value in found.items()}


async def test_the_list_is_what_its_address_says(instance: Instance) -> None:
    for name, city, status in (("Anna", "Bonn", "lead"), ("Bert", "Bonn", "active"), ("Carla", "Kiel", "active")):
        await _add(instance, name=name, city=city, status=status)
    async with await instance.browser() as browser:
        everybody = await browser.get("/customers")
        found = await browser.get("/customers", params={"search": "bonn", "sort": "-name"})
        filtered = await browser.get("/customers", params={"status": "active", "type": "", "search": ""})
    assert names(everybody) == ["Anna", "Bert", "Carla"]
    assert names(found) == ["Bert", "Anna"]
    assert 'value="bonn"' in found.text
    assert 'aria-sort="descending"' in found.text
    assert names(filtered) == ["Bert", "Carla"]
    assert "2 customers found." in filtered.text


async def test_pages_follow_each_other_and_keep_the_question(instance: Instance) -> None:
    for number in range(27):
        await _add(instance, name=f"Name {number:02}", tags=["vip"])
    async with await instance.browser() as browser:
        first = await browser.get("/customers?tag=vip")
        onward = html.unescape(re.findall(r'rel="next" href="([^"]*)"', first.text)[0])
        second = await browser.get(onward)
        beyond = await browser.get("/customers?offset=500")
    assert (len(names(first)), names(second)) == (25, ["Name 25", "Name 26"])
    assert "tag=vip" in onward
    assert 'rel="prev"' in second.text
    assert 'rel="next"' not in second.text
    assert "This page is beyond the last one" in beyond.text


async def test_empty_lists_say_what_to_do(instance: Instance) -> None:
    async with await instance.browser() as browser:
        new, nobody = await browser.get("/customers"), await browser.get("/customers?search=x")
    assert "Add your first customer" in new.text
    assert "Nobody fits" in nobody.text


async def test_a_filter_that_does_not_exist_is_said(instance: Instance) -> None:
    async with await instance.browser() as browser:
        page = await browser.get("/customers?status=%27--", headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert "<h1" in page.text


async def test_a_customer_is_added_with_all_that_was_typed(instance: Instance) -> None:
    async with await instance.browser() as browser:
        typed = {
            "name": "Bakery <b>",
            "email": "A@example.com",
            "tags": "vip, new ,",
            "newsletter": "true",
            "country": "DE",
        }
        answer = await browser.post("/customers/new", data=typed)
        assert answer.status_code == 303
        page = await browser.get(answer.headers["location"])
    assert "Bakery &lt;b&gt; is added." in page.text
    assert "Bakery <b>" not in page.text
    assert "mailto:a@example.com" in page.text
    assert "Germany" in page.text
    assert re.findall(r'class="tag"[^>]*>([^<]*)', page.text) == ["vip", "new"]


async def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(instance: Instance) -> None:
    async with await instance.browser() as browser:
        typed = {"name": '"><script>', "email": "nobody", "tags": "a," + "b" * 41, "notes": "</textarea>"}
        page = await browser.post("/customers/new", data=typed)
        assert (await browser.get("/api/customers")).json()["total"] == 0
    assert page.status_code == 422
    kept = form_of(page)
    assert {name: kept[name] for name in typed} == typed | {"tags": "a, " + "b" * 41}
    for name in ("email", "tags"):
        assert re.search(f'name="{name}"[^>]*aria-invalid="true"[^>]*aria-describedby="[^"]*{name}-error', page.text)
        assert f'id="{name}-error"' in page.text
    assert 'id="name-error"' not in page.text
    assert "<script>" not in page.text.replace("<script nonce", "")


async def test_an_address_that_is_taken_is_said_at_the_field(instance: Instance) -> None:
    await _add(instance, email="a@example.com")
    async with await instance.browser() as browser:
        page = await browser.post("/customers/new", data={"name": "B", "email": "a@example.com"})
    assert page.status_code == 409
    assert re.search(r'id="email-error">There is a customer', page.text)


async def test_what_a_plugin_refuses_is_said_at_the_field(instance: Instance) -> None:
    async def refuse(draft: dict, current: dict | None, actor: object) -> None:
        raise InvalidInput("A phone number is needed.", fields={"phone": "Please a <phone>."}, place="phone")

    instance.services.hooks.before("customers.create", refuse)
    async with await instance.browser() as browser:
        page = await browser.post("/customers/new", data={"name": "B", "email": "a@example.com"})
    assert page.status_code == 422
    assert 'id="phone-error">Please a &lt;phone&gt;.' in page.text


async def test_a_change_keeps_what_was_not_touched(instance: Instance) -> None:
    path = f"/customers/{await _add(instance, name='Bakery', tags=['a', 'b'], newsletter=True, notes='x')}"
    async with await instance.browser() as browser:
        form = form_of(await browser.get(f"{path}/edit")) | {"city": "Bonn", "newsletter": "true"}
        answer = await browser.post(f"{path}/edit", data=form)
        stored = (await browser.get(f"/api{path}")).json()
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (stored["city"], stored["tags"], stored["newsletter"], stored["notes"]) == ("Bonn", ["a", "b"], True, "x")


async def test_two_who_change_different_fields_both_keep_theirs(instance: Instance) -> None:
    path = f"/customers/{await _add(instance, name='Bakery', city='Kiel')}"
    ben = await instance.add_user(name="Ben Blue")
    async with await instance.browser() as browser, await instance.program(user=ben) as program:
        form = form_of(await browser.get(f"{path}/edit"))
        await program.patch(f"/api{path}", json={"phone": "123"})
        page = await browser.post(f"{path}/edit", data=form | {"city": "Bonn"})
        assert page.status_code == 409
        assert "Ben Blue changed this customer while you did." in page.text
        again = form_of(page)
        assert (again["city"], again["phone"]) == ("Bonn", "123")
        answer = await browser.post(f"{path}/edit", data=again)
        stored = (await browser.get(f"/api{path}")).json()
    assert answer.status_code == 303
    assert (stored["city"], stored["phone"]) == ("Bonn", "123")


async def test_two_who_change_the_same_field_see_what_the_other_wrote(instance: Instance) -> None:
    path = f"/customers/{await _add(instance, name='Bakery', city='Kiel')}"
    async with await instance.browser(Role.EMPLOYEE) as browser, await instance.program() as program:
        form = form_of(await browser.get(f"{path}/edit"))
        await program.patch(f"/api{path}", json={"city": "Köln"})
        page = await browser.post(f"{path}/edit", data=form | {"city": "Bonn"})
    assert form_of(page)["city"] == "Bonn"
    assert "Somebody else wrote: Köln" in page.text
    # Who did what is not for everybody.
    assert "Somebody else changed this customer" in page.text


async def test_another_state_can_be_taken_back(instance: Instance) -> None:
    path = f"/customers/{await _add(instance)}"
    async with await instance.browser() as browser:
        answer = await browser.post(f"{path}/status", data={"status": "inactive"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?was=active")
        page = await browser.get(answer.headers["location"])
        assert "The status is now Inactive; it was Active." in page.text
        back = await browser.post(f"{path}/status", data={"status": "active"})
        wrong = await browser.post(f"{path}/status", data={"status": "x"})
        stored = (await browser.get(f"/api{path}")).json()
        hostile = await browser.get(f"{path}?was=%3Cscript%3E")
    assert back.status_code == 303
    assert wrong.status_code == 422
    assert stored["status"] == "active"
    assert "Undo" not in hostile.text


async def test_deleting_says_what_hangs_on_it_and_what_stands_against_it(instance: Instance) -> None:
    customer_id = await _add(instance, name="Bakery")
    path = f"/customers/{customer_id}"
    async with await instance.browser() as browser:
        visit = {"title": "Visit", "starts_at": "2030-01-31T12:00:00Z", "customer_id": customer_id}
        made = (await browser.post("/api/appointments", json=visit)).json()
        page = await browser.get(path)
        refused = await browser.post(f"{path}/delete")
        await browser.delete(f"/api/appointments/{made['id']}")
        answer = await browser.post(f"{path}/delete")
        after = await browser.get("/customers")
    assert "There is 1 appointment with this customer." in page.text
    assert refused.status_code == 409
    assert "customers.has_appointments" in refused.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers")
    assert "Bakery is deleted." in after.text


async def test_several_are_changed_at_once_and_who_was_refused_is_said(instance: Instance) -> None:
    ids = [await _add(instance, name=f"N{number}") for number in range(3)]

    async def refuse(draft: dict, current: dict, actor: object) -> None:
        if current["name"] == "N1":
            raise InvalidInput("Not this one.")

    async with await instance.browser() as browser:
        back = {"back": "/customers?sort=-name"}
        done = await browser.post("/customers/selected", data={"id": ids, "status": "lead"} | back)
        instance.services.hooks.before("customers.update", refuse)
        partly = await browser.post("/customers/selected", data={"id": ids, "status": "inactive"} | back)
        nobody = await browser.post("/customers/selected", data={"status": "lead", "back": "//evil.example"})
        nonsense = await browser.post("/customers/selected", data={"status": "lead", "id": "x"})
        stored = {one["status"] for one in (await browser.get("/api/customers")).json()["items"]}
    assert (done.status_code, done.headers["location"]) == (303, "/customers?sort=-name")
    assert "Not this one." in partly.text
    assert "2 customers are changed." in partly.text
    assert nobody.headers["location"] == "/"
    assert nonsense.status_code == 422
    assert stored == {"lead", "inactive"}


async def test_notes_are_left_and_removed(instance: Instance) -> None:
    path = f"/customers/{await _add(instance)}"
    async with await instance.browser() as browser:
        added = await browser.post(f"{path}/notes", data={"text": "Call <i>back</i>"})
        page = await browser.get(path)
        empty = await browser.post(f"{path}/notes", data={"text": " "})
        note = re.findall(r"/notes/([0-9a-f-]{36})/delete", page.text)[0]
        async with await instance.browser(Role.EMPLOYEE) as other:
            assert f"/notes/{note}/delete" not in (await other.get(path)).text
            assert (await other.post(f"{path}/notes/{note}/delete")).status_code == 403
        removed = await browser.post(f"{path}/notes/{note}/delete")
        after = await browser.get(f"{path}/notes")
    assert (added.status_code, added.headers["location"]) == (303, f"{path}#notes")
    assert "Call &lt;i&gt;back&lt;/i&gt;" in page.text
    assert empty.status_code == 422
    assert 'id="note-error"' in empty.text
    assert removed.status_code == 303
    assert "back" not in after.text.split('id="notes"')[1]


async def test_nobody_sees_or_does_what_they_may_not(instance: Instance) -> None:
    path = f"/customers/{await _add(instance)}"
    async with await instance.browser(Role.EMPLOYEE) as employee, await instance.browser(Role.PUBLISHER) as publisher:
        page = await employee.get(path)
        assert (await employee.post(f"{path}/delete")).status_code == 403
        refused = [
            await publisher.get(p) for p in ("/customers", "/customers/new", path, f"{path}/edit", f"{path}/notes")
        ]
        refused += [
            await publisher.post(p) for p in ("/customers/new", f"{path}/edit", f"{path}/status", f"{path}/notes")
        ]
    assert "Delete for good" not in page.text
    assert "activity-title" not in page.text
    assert [answer.status_code for answer in refused] == [403] * 9


async def test_a_customer_who_is_not_there_is_a_page(instance: Instance) -> None:
    async with await instance.browser() as browser:
        address = "/customers/01a20397-5b04-76bc-b935-b462804b7f4f"
        for path in (address, f"{address}/edit"):
            assert (await browser.get(path)).status_code == 404
        for path in (f"{address}/delete", f"{address}/status", f"{address}/edit", f"{address}/notes"):
            assert (await browser.post(path, data={"text": "x"})).status_code == 404
