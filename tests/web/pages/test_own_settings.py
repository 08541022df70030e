from datetime import timedelta
from urllib.parse import unquote

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import now
from support.web import PASSWORD, Instance

pytestmark = pytest.mark.anyio
NEW = "another long password"


async def name_of(browser: httpx.AsyncClient) -> str:
    return str((await browser.get("/api/me")).json()["user"]["name"])


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_has_settings(instance: Instance, role: Role) -> None:
    page = await (await instance.browser(role)).get("/me")

    assert page.status_code == 200
    assert "Change password" in page.text


async def test_ones_own_name_is_changed(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)

    assert (await browser.post("/me", data={"name": "Ada <b>"})).status_code == 303
    assert await name_of(browser) == "Ada <b>"
    refused = await browser.post("/me", data={"name": ""})
    assert refused.status_code == 422
    assert "This must not be empty." in refused.text
    assert "Ada &lt;b&gt;" in refused.text


async def test_a_token_changes_neither_name_nor_password(instance: Instance) -> None:
    program = await instance.program(Role.ADMIN)
    change = {"old_password": PASSWORD, "password": NEW, "again": NEW}

    assert (await program.post("/me", data={"name": "Ada"})).status_code == 403
    assert (await program.post("/me/password", data=change)).status_code == 403
    assert await name_of(program) == "Somebody"


async def test_a_password_is_changed_by_whoever_knows_the_old_one(instance: Instance) -> None:
    user = await instance.add_user(email="ada@x.example")
    browser, elsewhere = await instance.browser(user=user), await instance.browser(user=user)

    async def change(**fields: str) -> httpx.Response:
        return await browser.post(
            "/me/password", data={"old_password": PASSWORD, "password": NEW, "again": NEW} | fields
        )

    for wrong, sentence in (
        ({"again": "x"}, "This is another one than above."),
        ({"old_password": "x"}, "This is not your password."),
        ({"password": "short", "again": "short"}, "A password has between 12 and 200 characters."),
    ):
        refused = await change(**wrong)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert NEW not in refused.text
        assert PASSWORD not in refused.text
    assert (await change()).status_code == 303
    assert (await browser.get("/me")).status_code == 200
    assert (await elsewhere.get("/me", headers={"accept": "text/html"})).headers["location"] == "/sign-in?next=/me"


async def test_preferences_are_kept_in_the_browser_and_a_time_zone_is_one_that_there_is(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    wanted = {"language": "en", "theme": "dark", "time_zone": "Asia/Tokyo"}

    refused = await browser.post("/me/preferences", data=wanted | {"time_zone": "Middle/Earth"})
    assert refused.status_code == 422
    assert "There is no such time zone." in refused.text
    assert 'value="Middle/Earth"' in refused.text
    assert "rbsm_preferences" not in browser.cookies

    assert (await browser.post("/me/preferences", data=wanted)).status_code == 303
    page = await browser.get("/me")
    assert 'value="Asia/Tokyo"' in page.text
    assert 'data-theme="dark"' in page.text


async def test_a_token_is_shown_once_and_acts_as_far_as_it_was_to(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    wanted = {"name": "Import", "term": "30", "extent": "some", "scopes": ["customers.read", "notes.create"]}

    made = await browser.post("/me/tokens/new", data=wanted)
    secret = made.text.partition('value="rbsm_')[2].partition('"')[0]
    listed = (await browser.get("/me/tokens")).text

    assert len(secret) == 43
    assert secret not in listed
    assert "Import" in listed
    program = instance.visitor(Authorization=f"Bearer rbsm_{secret}")
    assert (await program.get("/api/me")).json()["permissions"] == ["customers.read", "notes.create"]
    ends = (await browser.get("/api/tokens")).json()["items"][0]["expires_at"]
    assert ends[:10] == (now() + timedelta(days=30)).date().isoformat()


async def test_what_is_wrong_with_a_token_is_said_and_what_was_chosen_stays(instance: Instance) -> None:
    browser = await instance.browser(Role.EMPLOYEE)
    wanted = {"name": "", "term": "", "extent": "some", "scopes": ["customers.read"]}

    refused = await browser.post("/me/tokens/new", data=wanted)
    assert refused.status_code == 422
    assert 'value="customers.read" checked' in refused.text
    beyond = await browser.post("/me/tokens/new", data=wanted | {"name": "x", "scopes": ["users.manage"]})
    assert "You cannot let a token do this: users.manage." in beyond.text
    assert (await browser.get("/api/tokens")).json()["items"] == []


async def test_a_token_is_revoked_by_its_owner(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    browser, other = await instance.browser(user=user), await instance.browser(Role.ADMIN)
    secret = await instance.add_token(user.id, expires_at=now() - timedelta(days=1))
    token = (await browser.get("/api/tokens")).json()["items"][0]["id"]

    assert "Over since" in (await browser.get("/me/tokens")).text
    assert (await other.post(f"/me/tokens/{token}/revoke")).status_code == 404
    done = await browser.post(f"/me/tokens/{token}/revoke")
    assert unquote(done.cookies["rbsm_said"]) == "The token is revoked."
    refused = await instance.visitor(Authorization=f"Bearer {secret}").get("/api/me")
    assert refused.json()["code"] == "auth.unknown_token"
    assert "You have no access token" in (await browser.get("/me/tokens")).text
