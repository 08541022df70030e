from datetime import timedelta

import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import now
from support.web import Instance, a_customer

pytestmark = pytest.mark.anyio


async def test_a_token_is_shown_once_and_works_until_it_is_revoked(instance: Instance) -> None:
    async with await instance.browser() as browser:
        made = (await browser.post("/api/tokens", json={"name": "laptop"})).json()
        listed = (await browser.get("/api/tokens")).json()["items"]
        async with instance.visitor(Authorization=f"Bearer {made['token']}") as program:
            assert (await program.get("/api/me")).status_code == 200
            assert (await browser.delete(f"/api/tokens/{made['id']}")).status_code == 204
            refused = await program.get("/api/me")
    assert made["token"].startswith("rbsm_")
    assert [token["name"] for token in listed] == ["laptop"]
    assert "token" not in listed[0]
    assert refused.status_code == 401
    assert refused.json()["code"] == "auth.unknown_token"
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_token_is_refused(instance: Instance) -> None:
    async with await instance.program(expires_at=now() - timedelta(seconds=1)) as program:
        answer = await program.get("/api/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.expired_token"


async def test_a_token_of_somebody_who_is_locked_out_is_refused(instance: Instance) -> None:
    user = await instance.add_user(active=False)
    async with await instance.program(user=user) as program:
        assert (await program.get("/api/me")).status_code == 401


async def test_a_token_goes_no_further_than_its_scopes(instance: Instance) -> None:
    async with await instance.program(scopes=["customers.read"]) as program:
        assert (await program.get("/api/customers")).status_code == 200
        refused = await program.post("/api/customers", json=a_customer())
    assert refused.status_code == 403
    assert refused.json()["place"] == "customers.create"


async def test_a_token_makes_and_lists_no_tokens(instance: Instance) -> None:
    async with await instance.program() as program:
        assert (await program.post("/api/tokens", json={"name": "more"})).status_code == 403
        assert (await program.get("/api/tokens")).status_code == 403


async def test_somebody_elses_token_cannot_be_revoked(instance: Instance) -> None:
    async with await instance.browser() as browser, await instance.browser(Role.EMPLOYEE) as other:
        made = (await browser.post("/api/tokens", json={"name": "laptop"})).json()
        assert (await other.delete(f"/api/tokens/{made['id']}")).status_code == 404
        assert len((await browser.get("/api/tokens")).json()["items"]) == 1


async def test_the_scheme_is_read_in_any_case(instance: Instance) -> None:
    user = await instance.add_user()
    secret = await instance.add_token(user.id)
    async with instance.visitor(Authorization=f"bEARER  {secret} ") as program:
        assert (await program.get("/api/me")).status_code == 200


async def test_two_authorization_headers_are_one_too_many(instance: Instance) -> None:
    user = await instance.add_user()
    good = f"Bearer {await instance.add_token(user.id)}"
    async with instance.visitor() as program:
        for pair in ([good, "Bearer x"], ["Bearer x", good], [good, good]):
            answer = await program.get("/api/me", headers=[("Authorization", one) for one in pair])
            assert answer.status_code == 401


async def test_a_bad_token_is_refused_on_public_pages_too(instance: Instance) -> None:
    async with instance.visitor(Authorization="Bearer rbsm_x") as program:
        assert (await program.get("/health")).status_code == 401
