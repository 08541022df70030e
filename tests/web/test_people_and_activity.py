import pytest

from rising_bsm.accounts import Role
from support.web import PASSWORD, Instance, a_customer

pytestmark = pytest.mark.anyio


async def test_an_administrator_adds_somebody_who_can_sign_in(instance: Instance) -> None:
    draft = {"email": "bert@example.com", "name": "Bert", "role": "employee", "password": PASSWORD}
    async with await instance.browser() as admin:
        made = await admin.post("/api/users", json=draft)
        listed = (await admin.get("/api/users")).json()["items"]
    async with instance.visitor() as browser:
        signed_in = await browser.post("/api/session", json={"email": "bert@example.com", "password": PASSWORD})
    assert made.status_code == 201
    assert "Bert" in [user["name"] for user in listed]
    assert "password" not in str(listed)
    assert signed_in.status_code == 200


async def test_nobody_else_sees_or_adds_people(instance: Instance) -> None:
    async with await instance.browser(Role.MANAGER) as manager:
        for answer in (await manager.get("/api/users"), await manager.post("/api/users", json={})):
            assert answer.status_code == 403
            assert answer.json()["place"] == "users.manage"


async def test_the_last_administrator_stays(instance: Instance) -> None:
    user = await instance.add_user()
    async with await instance.browser(user=user) as admin:
        answer = await admin.patch(f"/api/users/{user.id}", json={"role": "employee"})
    assert answer.status_code == 409


async def test_activity_is_read_page_by_page(instance: Instance) -> None:
    async with await instance.program() as program:
        for _ in range(3):
            await program.post("/api/customers", json=a_customer())
        first = (await program.get("/api/activity", params={"limit": 2})).json()
        second = (await program.get("/api/activity", params={"limit": 2, "before": first["next"]})).json()
    assert [entry["action"] for entry in first["items"] + second["items"]] == ["customers.create"] * 3
    assert second["next"] is None


@pytest.mark.parametrize("query", [{"limit": "201"}, {"limit": "many"}, {"before": "yesterday"}, {"after": "x"}])
async def test_a_wrong_parameter_is_named(instance: Instance, query: dict[str, str]) -> None:
    async with await instance.program() as program:
        answer = await program.get("/api/activity", params=query)
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == set(query)


async def test_who_may_not_see_activity_is_told_so(instance: Instance) -> None:
    async with await instance.program(Role.EMPLOYEE) as program:
        assert (await program.get("/api/activity")).status_code == 403
