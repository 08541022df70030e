import pytest

from rising_bsm.accounts import Role
from rising_bsm.accounts.colleagues import ColleagueQuery, Colleagues
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import NotFound, PermissionDenied
from support.people import make_actor, make_user

pytestmark = pytest.mark.anyio

READER = make_actor(permissions=["users.read"])


async def test_what_colleagues_know_of_each_other(database: Database) -> None:
    user = await make_user(database, name="Ada", email="ada@x.example", role=Role.MANAGER)

    known = (await Colleagues(database).get(READER, user.id)).as_dict()

    assert known == {"id": str(user.id), "name": "Ada", "role": "manager", "email": "ada@x.example", "active": True}


async def test_they_are_listed_by_name_and_chosen_by_role_and_whether_they_work_here(database: Database) -> None:
    for name, role, active in (("C", Role.ADMIN, True), ("A", Role.EMPLOYEE, True), ("B", Role.EMPLOYEE, False)):
        await make_user(database, name=name, role=role, active=active)

    async def names(**query: object) -> list[str]:
        page = await Colleagues(database).list(READER, ColleagueQuery.of(query))
        return [item["name"] for item in page.as_dict()["items"]]

    assert await names() == ["A", "B", "C"]
    assert await names(role="employee") == ["A", "B"]
    assert await names(active=True) == ["A", "C"]
    assert await names(limit=1, offset=1) == ["B"]
    assert (await Colleagues(database).list(READER, ColleagueQuery(limit=1))).total == 3


async def test_who_may_not_know_is_told_nothing(database: Database) -> None:
    user = await make_user(database)
    stranger = make_actor(permissions=["users.manage"])
    with pytest.raises(PermissionDenied):
        await Colleagues(database).get(stranger, user.id)
    with pytest.raises(PermissionDenied):
        await Colleagues(database).list(stranger, ColleagueQuery())


async def test_nobody_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await Colleagues(database).get(READER, uuid7())


async def test_names_of_those_who_are_there(database: Database) -> None:
    ada, bob = await make_user(database, name="Ada"), await make_user(database, name="Bob", active=False)

    assert await Colleagues(database).names(READER, [ada.id, bob.id, uuid7()]) == {ada.id: "Ada", bob.id: "Bob"}
    with pytest.raises(PermissionDenied):
        await Colleagues(database).names(make_actor(permissions=["users.manage"]), [ada.id])
