import pytest

from rising_bsm.accounts import PERMISSIONS, Role
from rising_bsm.web.own_password import PER_PERSON
from support.web import PASSWORD, Instance

pytestmark = pytest.mark.anyio

NEW = "a new password, and longer"
CHANGE = {"old_password": PASSWORD, "password": NEW}


async def _status(instance: Instance, email: str, password: str) -> int:
    async with instance.visitor() as browser:
        return (await browser.post("/api/session", json={"email": email, "password": password})).status_code


async def test_who_changes_their_password_is_signed_out_elsewhere(instance: Instance) -> None:
    user, other = await instance.add_user(Role.EMPLOYEE), await instance.add_user()
    async with (
        await instance.browser(user=user) as here,
        await instance.browser(user=user) as there,
        await instance.browser(user=other) as somebody_else,
        await instance.program(user=user) as program,
    ):
        answer = await here.post("/api/me/password", json=CHANGE)
        statuses = [(await client.get("/api/me")).status_code for client in (here, there, somebody_else, program)]
    assert answer.status_code == 204
    assert statuses == [200, 401, 200, 200]
    assert [await _status(instance, user.email, password) for password in (PASSWORD, NEW)] == [401, 200]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"old_password": "guessed password", "password": NEW}, "accounts.wrong_password", "old_password"),
        ({"old_password": PASSWORD, "password": "short"}, "accounts.invalid_password", "password"),
        ({"password": NEW}, "accounts.invalid_password", "old_password"),
        (CHANGE | {"user_id": "x"}, "accounts.invalid_password", "user_id"),
    ],
)
async def test_a_wrong_change_is_refused(instance: Instance, change: dict[str, str], code: str, field: str) -> None:
    user = await instance.add_user()
    async with await instance.browser(user=user) as browser:
        answer = await browser.post("/api/me/password", json=change)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (422, code, [field])
    assert PASSWORD not in answer.text
    assert await _status(instance, user.email, PASSWORD) == 200


async def test_who_guesses_the_old_password_is_slowed_down(instance: Instance) -> None:
    async with await instance.browser() as browser:
        guess = {"old_password": "guessed password", "password": NEW}
        statuses = [(await browser.post("/api/me/password", json=guess)).status_code for _ in range(PER_PERSON + 1)]
        late = await browser.post("/api/me/password", json=CHANGE)
    assert statuses == [422] * PER_PERSON + [429]
    assert late.status_code == 429


async def test_an_administrator_gives_somebody_another_password(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    async with (
        await instance.browser() as admin,
        await instance.browser(user=user) as employee,
        await instance.browser(Role.MANAGER) as manager,
    ):
        path = f"/api/users/{user.id}/password"
        refused = await manager.post(path, json={"password": NEW})
        short = await admin.post(path, json={"password": "short"})
        before = (await employee.get("/api/me")).status_code
        done = await admin.post(path, json={"password": NEW})
        after = (await employee.get("/api/me")).status_code
        unknown = await admin.post("/api/users/01a20397-5b04-76bc-b935-b462804b7f4f/password", json={"password": NEW})
        entry = (await admin.get("/api/activity")).json()["items"][0]
    assert (refused.status_code, refused.json()["place"]) == (403, "users.manage")
    assert (short.status_code, before, done.status_code, after, unknown.status_code) == (422, 200, 204, 401, 404)
    assert (entry["action"], entry["entity_id"], entry["detail"]) == ("users.password", str(user.id), {})
    assert [await _status(instance, user.email, password) for password in (PASSWORD, NEW)] == [401, 200]


async def test_everybody_sees_what_the_roles_may_do(instance: Instance) -> None:
    async with await instance.browser(Role.EMPLOYEE) as employee:
        answer = (await employee.get("/api/roles")).json()
    assert {role["name"]: set(role["permissions"]) for role in answer["items"]} == {
        role.value: set(role.permissions) for role in Role
    }
    assert answer["permissions"] == dict(PERMISSIONS)
