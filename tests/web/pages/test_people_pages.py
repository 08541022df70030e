from html import unescape

import httpx
import pytest

from rising_bsm.accounts import PERMISSIONS, Role
from support.web import PASSWORD, Instance

pytestmark = pytest.mark.anyio

ADA = {"name": "Ada", "email": "ada@x.example", "role": "employee"}


async def signs_in(instance: Instance, password: str, email: str = "ada@x.example") -> bool:
    given = {"email": email, "password": password}
    return (await instance.visitor().post("/api/session", json=given)).is_success


def shown(page: httpx.Response) -> str:
    """The password that a page shows."""
    return unescape(page.text.partition('id="secret" value="')[2].partition('"')[0])


async def test_somebody_is_added_with_a_password_that_is_shown_once(instance: Instance) -> None:
    browser = await instance.browser()

    added = await browser.post("/people/new", data=ADA)

    assert added.status_code == 200
    assert await signs_in(instance, shown(added))
    listed = (await browser.get("/people")).text
    assert "ada@x.example" in listed
    assert shown(added) not in listed


async def test_a_password_can_be_typed(instance: Instance) -> None:
    browser = await instance.browser()
    assert shown(await browser.post("/people/new", data=ADA | {"password": PASSWORD})) == PASSWORD
    assert await signs_in(instance, PASSWORD)
    taken = await browser.post("/people/new", data=ADA)
    assert taken.status_code == 409
    assert "There is a user with the e-mail address ada@x.example already." in taken.text


async def test_what_is_wrong_is_said_at_its_field(instance: Instance) -> None:
    refused = await (await instance.browser()).post("/people/new", data=ADA | {"email": "x", "role": "king"})
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
    assert 'id="role-error"' in refused.text
    assert 'value="Ada"' in refused.text


async def test_a_role_is_changed(instance: Instance) -> None:
    browser, user = await instance.browser(), await instance.add_user(Role.EMPLOYEE)
    there = await instance.browser(user=user)

    done = await browser.post(f"/people/{user.id}", data={"name": "Ada", "role": "manager"})

    assert done.headers["location"] == f"/people/{user.id}"
    assert "activity.read" in (await there.get("/api/me")).json()["permissions"]


async def test_who_is_locked_out_is_so_at_once_until_they_are_let_in_again(instance: Instance) -> None:
    browser, user = await instance.browser(), await instance.add_user(Role.EMPLOYEE, email="ada@x.example")
    there = await instance.browser(user=user)

    await browser.post(f"/people/{user.id}/lock")
    assert (await there.get("/api/me")).status_code == 401
    assert not await signs_in(instance, PASSWORD)
    assert "Locked out" in (await browser.get(f"/people/{user.id}")).text
    await browser.post(f"/people/{user.id}/unlock")
    assert await signs_in(instance, PASSWORD)
    assert (await there.get("/api/me")).status_code == 401


async def test_who_is_signed_out_everywhere_has_to_sign_in_again(instance: Instance) -> None:
    browser, user = await instance.browser(), await instance.add_user(Role.EMPLOYEE, email="ada@x.example")
    there = [await instance.browser(user=user) for _ in range(2)]

    await browser.post(f"/people/{user.id}/sign-out")

    assert [(await one.get("/api/me")).status_code for one in there] == [401, 401]
    assert await signs_in(instance, PASSWORD)


async def test_another_password_is_given_and_the_old_one_is_over(instance: Instance) -> None:
    browser, user = await instance.browser(), await instance.add_user(Role.EMPLOYEE, email="ada@x.example")
    there = await instance.browser(user=user)

    short = await browser.post(f"/people/{user.id}/password", data={"password": "short"})
    assert short.status_code == 422
    assert "A password has between 12 and 200 characters." in short.text
    given = shown(await browser.post(f"/people/{user.id}/password"))

    assert await signs_in(instance, given)
    assert not await signs_in(instance, PASSWORD)
    assert (await there.get("/api/me")).status_code == 401


async def test_nobody_locks_themselves_out(instance: Instance) -> None:
    user = await instance.add_user()
    await instance.add_user()
    browser = await instance.browser(user=user)

    for path, data in (("/lock", {}), ("", {"name": "Ada", "role": "employee"})):
        refused = await browser.post(f"/people/{user.id}{path}", data=data)
        assert refused.status_code == 409
        assert "accounts.oneself" in refused.text
    assert (await browser.get("/people")).status_code == 200
    assert f"/people/{user.id}/lock" not in (await browser.get(f"/people/{user.id}")).text


async def test_the_last_administrator_stays(instance: Instance) -> None:
    browser = await instance.browser()
    only = (await browser.get("/api/me")).json()["user"]["id"]
    refused = await browser.post(f"/people/{only}", data={"name": "Ada", "role": "employee"})
    assert refused.status_code == 409
    assert "accounts.last_admin" in refused.text


async def test_people_are_searched_filtered_and_sorted(instance: Instance) -> None:
    browser = await instance.browser(user=await instance.add_user(name="Zoe"))
    await instance.add_user(Role.EMPLOYEE, name="Ölaf", email="o@x.example")
    await instance.add_user(Role.MANAGER, name="Ada", email="ada@x.example", active=False)

    async def listed(query: str = "") -> list[str]:
        page = (await browser.get(f"/people{query}")).text.partition("<tbody>")[2]
        return [part.partition("<")[0] for part in page.split("<bdi>")[1:]]

    assert await listed() == ["Ada", "Zoe", "Ölaf"]
    assert await listed("?sort=-email&search=x.example") == ["Ölaf", "Ada"]
    assert await listed("?role=manager") == ["Ada"]
    assert await listed("?state=active") == ["Zoe", "Ölaf"]
    assert await listed("?search=öl&sort=nonsense&offset=-1") == ["Ölaf"]
    assert await listed("?search=nothing") == []


async def test_what_roles_may_do_is_said_in_words(instance: Instance) -> None:
    page = unescape((await (await instance.browser()).get("/people/roles")).text)
    for code, sentence in PERMISSIONS.items():
        assert code in page
        assert sentence in page
    assert page.count('aria-label="Yes"') == sum(len(role.permissions) for role in Role)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
async def test_only_those_who_manage_people_come_near(instance: Instance, role: Role) -> None:
    user, browser = await instance.add_user(Role.EMPLOYEE, email="ada@x.example"), await instance.browser(role)
    at = f"/people/{user.id}"

    for path in ("/people", "/people/new", "/people/roles", at):
        assert (await browser.get(path)).status_code == 403
    for path in ("/people/new", at, f"{at}/lock", f"{at}/unlock", f"{at}/sign-out", f"{at}/password"):
        assert (await browser.post(path, data=ADA | {"password": "another long password"})).status_code == 403
    assert await signs_in(instance, PASSWORD)
