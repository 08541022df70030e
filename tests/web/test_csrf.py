"""What a browser sends because another site made it send it changes nothing."""

import pytest

from rising_bsm.web.cookies import CSRF_HEADER
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}


async def _customers(instance: Instance) -> int:
    async with await instance.program() as program:
        return int((await program.get("/api/customers")).json()["total"])


async def test_with_its_token_a_session_may_change_things(instance: Instance) -> None:
    async with await instance.browser() as browser:
        assert (await browser.post("/api/customers", json=a_customer())).status_code == 201
    assert await _customers(instance) == 1


@pytest.mark.parametrize("token", [None, "", "0" * 64, "x", "é"])
async def test_without_it_or_with_a_wrong_one_nothing_happens(instance: Instance, token: str | None) -> None:
    async with await instance.browser() as browser:
        del browser.headers[CSRF_HEADER]
        headers = {} if token is None else {CSRF_HEADER: token.encode("latin-1")}
        answer = await browser.post("/api/customers", json=a_customer(), headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "auth.csrf"
    assert await _customers(instance) == 0


async def test_the_token_of_another_session_is_worth_nothing(instance: Instance) -> None:
    user = await instance.add_user()
    mine, other = [await instance.services.sessions.open(user.id) for _ in range(2)]
    async with instance.browser_with(mine, csrf=False) as browser:
        headers = {CSRF_HEADER: instance.services.jar.csrf_token(other)}
        assert (await browser.post("/api/customers", json=a_customer(), headers=headers)).status_code == 403


async def test_the_token_of_a_visitor_is_worth_nothing_for_a_session(instance: Instance) -> None:
    async with await instance.browser() as browser:
        browser.cookies.set("rbsm_visitor", "known-to-the-attacker")
        headers = {CSRF_HEADER: instance.services.jar.csrf_token("known-to-the-attacker")}
        assert (await browser.post("/api/customers", json=a_customer(), headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "given",
    ["Bearer bogus", "Bearer rbsm_bogus", "Bearer ", "Bearer", "Basic YTpi", "bogus", " ", "Bearer\tx", "bearer x y"],
)
async def test_a_bogus_authorization_does_not_open_the_way_around(instance: Instance, given: str) -> None:
    async with await instance.browser() as browser:
        del browser.headers[CSRF_HEADER]
        answer = await browser.post("/api/customers", json=a_customer(), headers={"Authorization": given})
        with_csrf = await browser.get("/api/me", headers={"Authorization": given})
    assert answer.status_code == 401
    # The header alone counts, so not even reading is done in the name of the cookie.
    assert with_csrf.status_code == 401
    assert await _customers(instance) == 0


async def test_the_rights_are_those_of_the_token_not_of_the_cookie_beside_it(instance: Instance) -> None:
    user = await instance.add_user()
    secret = await instance.add_token(user.id, scopes=["customers.read"])
    async with await instance.browser(user=user) as browser:
        answer = await browser.post("/api/customers", json=a_customer(), headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert answer.json()["place"] == "customers.create"


async def test_a_program_needs_no_token_of_that_kind(instance: Instance) -> None:
    async with await instance.program() as program:
        assert (await program.post("/api/customers", json=a_customer())).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/tokens"),
        ("DELETE", "/api/session"),
        ("POST", "/api/users"),
        ("POST", "/sign-out"),
        ("POST", "/preferences"),
        ("POST", "/customers/new"),
        ("POST", "/customers/01a20397-5b04-76bc-b935-b462804b7f4f/delete"),
        ("POST", "/notifications/read"),
        ("PATCH", "/api/customers/01a20397-5b04-76bc-b935-b462804b7f4f"),
        ("DELETE", "/api/customers/01a20397-5b04-76bc-b935-b462804b7f4f"),
    ],
)
async def test_every_way_to_change_something_is_covered(instance: Instance, method: str, path: str) -> None:
    async with await instance.browser() as browser:
        del browser.headers[CSRF_HEADER]
        answer = await browser.request(method, path, content=b"{}", headers=JSON)
    assert answer.json()["code"] == "auth.csrf"


async def test_a_form_of_another_site_is_refused_for_sign_in_too(instance: Instance) -> None:
    await instance.add_user(email="anna@example.com")
    async with instance.visitor() as browser:
        await browser.get("/sign-in")
        answer = await browser.post("/sign-in", data={"email": "anna@example.com", "password": "x"})
    assert answer.status_code == 403
    assert "rbsm_session" not in answer.headers.get("set-cookie", "")
