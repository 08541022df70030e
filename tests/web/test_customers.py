import pytest

from rising_bsm.accounts import Role
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio


async def test_a_customer_is_made_read_changed_and_removed(instance: Instance) -> None:
    async with await instance.program() as program:
        made = await program.post("/api/customers", json=a_customer(name="Bakery", tags=["bread"]))
        path = f"/api/customers/{made.json()['id']}"
        changed = await program.patch(path, json={"city": "Bonn"})
        read = await program.get(path)
        assert (await program.delete(path)).status_code == 204
        gone = await program.get(path)
    assert made.status_code == 201
    assert (read.json()["name"], read.json()["city"], read.json()["tags"]) == ("Bakery", "Bonn", ["bread"])
    assert changed.json() == read.json()
    assert gone.status_code == 404
    assert gone.json()["code"] == "customers.not_found"


async def test_the_list_is_filtered_sorted_and_paged(instance: Instance) -> None:
    async with await instance.program() as program:
        for name, city in (("Anna", "Bonn"), ("Bert", "Bonn"), ("Carla", "Kiel"), ("Dora", "Bonn")):
            await program.post("/api/customers", json=a_customer(name=name, city=city))
        parameters = {"city": "Bonn", "sort": "-name", "limit": "2", "offset": "1"}
        page = (await program.get("/api/customers", params=parameters)).json()
        found = (await program.get("/api/customers", params={"search": "CARL"})).json()
    assert [customer["name"] for customer in page["items"]] == ["Bert", "Anna"]
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
    assert [customer["name"] for customer in found["items"]] == ["Carla"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "100000"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"sort": "password_hash"}, "sort"),
        ({"colour": "red"}, "colour"),
        ({"status": "' OR 1=1 --"}, "status"),
    ],
)
async def test_a_wrong_parameter_is_named(instance: Instance, query: dict[str, str], field: str) -> None:
    async with await instance.program() as program:
        answer = await program.get("/api/customers", params=query)
    assert answer.status_code == 422
    assert {name.split(".")[0] for name in answer.json()["fields"]} == {field}


async def test_every_wrong_field_is_named_and_nothing_is_stored(instance: Instance) -> None:
    async with await instance.program() as program:
        answer = await program.post("/api/customers", json={"email": "nobody", "newsletter": "yes", "colour": "red"})
        assert (await program.get("/api/customers")).json()["total"] == 0
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"name", "email", "newsletter", "colour"}


async def test_an_email_address_belongs_to_one_customer(instance: Instance) -> None:
    async with await instance.program() as program:
        await program.post("/api/customers", json=a_customer(email="a@example.com"))
        answer = await program.post("/api/customers", json=a_customer(email="A@example.com"))
    assert answer.status_code == 409
    assert answer.json()["place"] == "email"


async def test_a_change_can_insist_on_the_version_it_was_made_for(instance: Instance) -> None:
    async with await instance.program() as program:
        made = await program.post("/api/customers", json=a_customer())
        path, seen = f"/api/customers/{made.json()['id']}", made.headers["etag"]
        first = await program.patch(path, json={"city": "Bonn"}, headers={"If-Match": seen})
        second = await program.patch(path, json={"city": "Kiel"}, headers={"If-Match": seen})
        removed = await program.delete(path, headers={"If-Match": seen})
        read = await program.get(path)
        whatever = await program.patch(path, json={"city": "Kiel"}, headers={"If-Match": "*"})
    assert first.status_code == 200
    assert first.headers["etag"] != seen
    assert second.status_code == removed.status_code == 409
    assert second.json()["code"] == "customers.changed_meanwhile"
    assert read.json()["city"] == "Bonn"
    assert read.headers["etag"] == first.headers["etag"]
    assert whatever.status_code == 200


@pytest.mark.parametrize("given", ["1", '"x"', 'W/"1"', '"1", "2"', '"²"', '"' + "9" * 40 + '"', '"', '""'])
async def test_what_is_no_version_is_refused_rather_than_ignored(instance: Instance, given: str) -> None:
    async with await instance.program() as program:
        made = await program.post("/api/customers", json=a_customer())
        path = f"/api/customers/{made.json()['id']}"
        answer = await program.patch(path, json={"city": "Bonn"}, headers={"If-Match": given.encode("utf-8")})
    assert answer.status_code == 400
    assert answer.json()["place"] == "If-Match"


async def test_what_a_role_may_not_do_is_refused_with_the_permission_it_lacks(instance: Instance) -> None:
    async with await instance.program(Role.EMPLOYEE) as program:
        made = await program.post("/api/customers", json=a_customer())
        answer = await program.delete(f"/api/customers/{made.json()['id']}")
    assert answer.status_code == 403
    assert answer.json()["place"] == "customers.delete"


async def test_a_hook_that_refuses_is_heard(instance: Instance) -> None:
    from rising_bsm.errors import InvalidInput

    async def refuse(draft: dict, current: dict | None, actor: object) -> None:
        raise InvalidInput("A phone number is needed.", fields={"phone": "Missing."}, place="phone")

    instance.services.hooks.before("customers.create", refuse)
    async with await instance.program() as program:
        answer = await program.post("/api/customers", json=a_customer())
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"phone": "Missing."}
