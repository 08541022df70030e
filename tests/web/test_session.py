from pathlib import Path

import httpx
import pytest

from rising_bsm.accounts import Role
from rising_bsm.sandbox import Pool
from rising_bsm.web.cookies import CSRF_HEADER
from support.web import ADDRESS, PASSWORD, Instance, running

pytestmark = pytest.mark.anyio


async def _sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/session", json={"email": email, "password": password})


async def test_signing_in_makes_the_browser_known_and_says_what_it_may(instance: Instance) -> None:
    await instance.add_user(Role.EMPLOYEE, "anna@example.com", "Anna")
    async with instance.visitor() as browser:
        answer = await _sign_in(browser, "Anna@Example.com")
        me = await browser.get("/api/me")
    assert answer.status_code == 200
    assert answer.json() == me.json()
    assert me.json()["user"]["name"] == "Anna"
    assert "customers.read" in me.json()["permissions"]
    assert "users.manage" not in me.json()["permissions"]


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        cookie = (await _sign_in(browser, "anna@example.com")).headers["set-cookie"].lower()
    assert cookie.startswith("rbsm_session=")
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie


async def test_over_https_the_cookie_is_for_https_and_this_host_alone(tmp_path: Path, pool: Pool) -> None:
    async with running(tmp_path / "data", pool=pool, base_url="https://bsm.example.com") as instance:
        await instance.add_user(email="anna@example.com")
        async with instance.visitor(host="bsm.example.com") as browser:
            answer = await _sign_in(browser, "anna@example.com")
    assert answer.headers["set-cookie"].startswith("__Host-rbsm_session=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_an_unknown_address_and_a_wrong_password_get_equal_answers(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        unknown = await _sign_in(browser, "nobody@example.com")
        wrong = await _sign_in(browser, "anna@example.com", "not her password")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.content == wrong.content
    assert unknown.json()["code"] == "auth.wrong_credentials"
    assert [name for name in unknown.headers if name != "x-request-id"] == [
        name for name in wrong.headers if name != "x-request-id"
    ]
    assert "set-cookie" not in wrong.headers


async def test_the_sixth_guess_within_a_minute_is_not_looked_at(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        guesses = [await _sign_in(browser, "anna@example.com", f"guess number {n}") for n in range(5)]
        right = await _sign_in(browser, " ANNA@example.com ")
        other_person = await _sign_in(browser, "bert@example.com")
    async with instance.visitor("192.0.2.99") as elsewhere:
        from_elsewhere = await _sign_in(elsewhere, "anna@example.com")
    assert [guess.status_code for guess in guesses] == [401] * 5
    assert right.status_code == 429
    assert right.json()["code"] == "rate_limited"
    assert 1 <= int(right.headers["retry-after"]) <= 60
    assert other_person.status_code == 401
    assert from_elsewhere.status_code == 200


async def test_signing_in_rightly_is_not_counted(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        assert {(await _sign_in(browser, "anna@example.com")).status_code for _ in range(7)} == {200}


async def test_many_guesses_with_many_addresses_are_slowed_down_too(instance: Instance) -> None:
    for _ in range(29):
        instance.services.sign_in.per_client.count(ADDRESS)
    async with instance.visitor() as browser:
        guesses = [await _sign_in(browser, f"person{n}@example.com", "summer") for n in range(2)]
    assert [guess.status_code for guess in guesses] == [401, 429]


async def test_signing_in_again_changes_the_session_and_ends_the_old_one(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        await _sign_in(browser, "anna@example.com")
        old = browser.cookies["rbsm_session"]
        await _sign_in(browser, "anna@example.com")
        assert browser.cookies["rbsm_session"] != old
    async with instance.browser_with(old) as stale:
        assert (await stale.get("/api/me")).status_code == 401


async def test_a_session_that_somebody_else_chose_is_not_taken_over(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    planted = "planted-by-an-attacker"
    async with instance.browser_with(planted) as browser:
        await _sign_in(browser, "anna@example.com")
    async with instance.browser_with(planted) as attacker:
        assert (await attacker.get("/api/me")).status_code == 401


async def test_signing_out_ends_the_session_at_once(instance: Instance) -> None:
    async with await instance.browser() as browser:
        session = browser.cookies["rbsm_session"]
        answer = await browser.delete("/api/session")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    async with instance.browser_with(session) as stale:
        assert (await stale.get("/api/me")).status_code == 401


async def test_a_program_has_no_session_to_end(instance: Instance) -> None:
    async with await instance.program() as program:
        assert (await program.delete("/api/session")).status_code == 404


async def test_somebody_who_is_locked_out_is_out_with_the_next_request(instance: Instance) -> None:
    user = await instance.add_user(Role.EMPLOYEE)
    async with await instance.browser() as admin, await instance.browser(user=user) as browser:
        assert (await browser.get("/api/me")).status_code == 200
        assert (await admin.patch(f"/api/users/{user.id}", json={"active": False})).status_code == 200
        assert (await browser.get("/api/me")).status_code == 401


async def test_signing_in_is_in_the_activity_log(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com", name="Anna")
    async with instance.visitor() as browser:
        await _sign_in(browser, "anna@example.com")
        entry = (await browser.get("/api/activity")).json()["items"][0]
    assert (entry["action"], entry["user_name"]) == ("session.open", "Anna")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "email"), ({"email": "a@b.de"}, "password"), ({"email": "", "password": "x"}, "email"), ([], "body")],
)
async def test_what_is_missing_is_named(instance: Instance, body: object, field: str) -> None:
    async with instance.visitor() as browser:
        answer = await browser.post("/api/session", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_form_of_another_site_cannot_sign_anybody_in(instance: Instance, kind: str) -> None:
    await instance.add_user(email="anna@example.com")
    body = f'{{"email": "anna@example.com", "password": "{PASSWORD}"}}'
    async with instance.visitor() as browser:
        answer = await browser.post("/api/session", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "set-cookie" not in answer.headers


async def test_the_csrf_token_of_the_answer_is_the_one_that_works(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        token = (await _sign_in(browser, "anna@example.com")).json()["csrf_token"]
        answer = await browser.post("/api/tokens", json={"name": "laptop"}, headers={CSRF_HEADER: token})
    assert answer.status_code == 201
