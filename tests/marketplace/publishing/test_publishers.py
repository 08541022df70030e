"""Publishers and their keys: whose they are is shown, not said."""

import asyncio
from typing import Any

import pytest

from rising_bsm.accounts import Role
from rising_bsm.errors import Error
from rising_bsm.licensing.documents import seal
from rising_bsm.marketplace.publishing.proof import prove
from support.bundles import make_key
from support.office import Desk, key_draft, person, publisher_draft

pytestmark = pytest.mark.anyio

NEW = make_key(5)


async def code_of(call: Any) -> str | None:
    try:
        await call
    except Error as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "acme"}, "publishers.name_taken"),
        ({"name": "acne-tools"}, None),
        ({"name": "rising-bsm"}, "publishers.name_taken"),
        ({"name": "rising-bsn"}, "publishers.name_taken"),
        ({"name": "Globex"}, "publishers.invalid"),
        ({"name": "a.b"}, "publishers.invalid"),
        ({"display_name": "x\x1b[2J"}, "publishers.invalid"),
        ({"display_name": ""}, "publishers.invalid"),
        ({"website": "javascript:alert(1)"}, "publishers.invalid"),
        ({"website": "http://globex.example"}, "publishers.invalid"),
        ({"website": "https://globex.example"}, None),
        ({"email": "nobody"}, "publishers.invalid"),
        ({"verified": "true"}, "publishers.invalid"),
    ],
)
async def test_a_publisher(desk: Desk, fields: dict[str, str], code: str | None) -> None:
    assert await code_of(desk.publishers.create(desk.owner, publisher_draft("globex") | fields)) == code


@pytest.mark.parametrize(("known", "name"), [("globex", "g1obex"), ("initech", "lnitech"), ("warner", "wamer")])
async def test_a_name_that_can_be_taken_for_another(desk: Desk, known: str, name: str) -> None:
    await desk.publishers.create(desk.owner, publisher_draft(known))
    assert await code_of(desk.publishers.create(desk.stranger, publisher_draft(name))) == "publishers.name_taken"


async def test_one_name_goes_to_one_of_those_who_want_it(on_each_database: Desk) -> None:
    desk = on_each_database
    wanted = [desk.publishers.create(desk.owner, publisher_draft("globex")) for _ in range(5)]
    codes = await asyncio.gather(*map(code_of, wanted))
    assert sorted(map(str, codes)) == ["None", *["publishers.name_taken"] * 4]


def proofs() -> dict[str, Any]:
    sealed = {"publisher": "acme", "public_key": str(NEW.public_key)}
    return {
        "of another key": prove("acme", make_key(6)),
        "for another publisher": prove("globex", NEW),
        "of another type": seal(sealed, NEW, "application/vnd.rbsm.license.v1+json"),
        "with more in it": seal(sealed | {"x": 1}, NEW, "application/vnd.rbsm.market-key.v1+json"),
        "nothing": {},
        "changed": prove("acme", NEW) | {"payload": prove("globex", NEW)["payload"]},
    }


@pytest.mark.parametrize("which", proofs())
async def test_a_key_without_proof(desk: Desk, which: str) -> None:
    draft = {"public_key": str(NEW.public_key), "proof": proofs()[which]}
    assert await code_of(desk.publishers.add_key(desk.owner, "acme", draft)) == "publishers.no_proof"


async def test_a_key_with_proof_for_somebody_elses_publisher(desk: Desk) -> None:
    draft = key_draft("acme", NEW)
    assert await code_of(desk.publishers.add_key(desk.stranger, "acme", draft)) == "publishers.not_yours"
    assert await code_of(desk.publishers.add_key(desk.boss, "acme", draft)) == "publishers.not_yours"
    assert await code_of(desk.publishers.add_key(desk.owner, "acme", draft)) is None


async def test_one_key_one_publisher(desk: Desk) -> None:
    await desk.publishers.create(desk.stranger, publisher_draft("globex"))
    draft = key_draft("globex")
    assert await code_of(desk.publishers.add_key(desk.stranger, "globex", draft)) == "publishers.key_taken"


async def test_the_operator_verifies_and_nobody_else(desk: Desk) -> None:
    assert await code_of(desk.publishers.verify(desk.owner, "acme")) == "permission.denied"
    assert (await desk.publishers.verify(desk.boss, "acme")).verified
    assert not (await desk.publishers.verify(desk.boss, "acme", verified=False)).verified
    assert await code_of(desk.publishers.verify(desk.boss, "nobody")) == "publishers.not_found"


async def test_employees_are_no_publishers(desk: Desk) -> None:
    employee = await person(desk.database, Role.EMPLOYEE)
    assert await code_of(desk.publishers.create(employee, publisher_draft("globex"))) == "permission.denied"
    assert await code_of(desk.publishers.mine(employee)) == "permission.denied"


async def test_the_dashboard_is_for_the_owner_and_the_operator(desk: Desk) -> None:
    await desk.released()
    await desk.in_review("1.1.0")
    for who in (desk.owner, desk.boss):
        told = await desk.dashboard.of(who, "acme")
        [plugin] = told["plugins"]
        numbers = (plugin["installs"], plugin["versions"], plugin["crash_free"], plugin["downloads"])
        assert numbers == (2, {"1.0.0": 2}, 0.75, 0)
        assert [one["version"] for one in told["submissions"]] == ["1.1.0", "1.0.0"]
    assert await code_of(desk.dashboard.of(desk.stranger, "acme")) == "publishers.not_yours"
