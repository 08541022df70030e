import pytest

from rising_bsm.accounts import PERMISSIONS, SYSTEM, Accounts, Role, User
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, Error, InvalidInput, NotFound, NotSignedIn, PermissionDenied
from support.people import PASSWORD, make_actor, make_user

pytestmark = pytest.mark.anyio


async def test_somebody_signs_in_and_has_the_rights_of_their_role(database: Database) -> None:
    user = await make_user(database, email="ada@people.example", name="Ada", role=Role.MANAGER)

    actor = await Accounts(database).sign_in("ada@people.example", PASSWORD)

    assert (actor.user_id, actor.name, actor.plugin) == (user.id, "Ada", None)
    assert actor.permissions == Role.MANAGER.permissions


@pytest.mark.parametrize("typed", ["ADA@People.Example", "  ada@people.example ", "Ada@PEOPLE.example"])
async def test_the_case_of_an_email_address_does_not_matter(database: Database, typed: str) -> None:
    await make_user(database, email="Ada@People.Example")

    assert await Accounts(database).sign_in(typed, PASSWORD)


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(database: Database) -> None:
    await make_user(database, email="ada@people.example")
    accounts = Accounts(database)

    answers = [
        await _refusal(accounts, email, password)
        for email, password in [
            ("ada@people.example", "wrong password"),
            ("bob@people.example", PASSWORD),
            ("", ""),
            ("not an address", PASSWORD),
            ("ada@people.example\0", PASSWORD),
            ("\ud800", "\ud800"),
            ("%@people.example", PASSWORD),
            ("ada@people.example' OR '1'='1", PASSWORD),
            ("a" * 100_000, "b" * 100_000),
        ]
    ]

    assert answers == [answers[0]] * len(answers)
    assert answers[0]["code"] == "auth.wrong_credentials"


async def test_somebody_who_is_not_active_cannot_sign_in_or_go_on(database: Database) -> None:
    user = await make_user(database, active=False)
    accounts = Accounts(database)

    assert (await _refusal(accounts, user.email, PASSWORD))["code"] == "auth.not_active"
    with pytest.raises(NotSignedIn):
        await accounts.actor_of_user(user.id)


async def test_a_user_who_does_not_exist_is_nobody(database: Database) -> None:
    with pytest.raises(NotSignedIn):
        await Accounts(database).actor_of_user(uuid7())


async def test_a_new_role_holds_from_the_next_request_on(database: Database) -> None:
    user, accounts = await make_user(database, role=Role.MANAGER), Accounts(database)
    await accounts.change_user(SYSTEM, user.id, {"role": "employee", "name": "Demoted"})

    actor = await accounts.actor_of_user(user.id)

    assert (actor.permissions, actor.name) == (Role.EMPLOYEE.permissions, "Demoted")


async def test_an_email_address_is_taken_once_whatever_its_case(database: Database) -> None:
    await make_user(database, email="ada@people.example")
    draft = {"email": "ADA@people.example", "name": "Ada", "password": PASSWORD}

    with pytest.raises(Conflict) as refusal:
        await Accounts(database).create_user(SYSTEM, draft)
    assert (refusal.value.code, refusal.value.place) == ("accounts.email_taken", "email")


async def test_a_user_is_added_as_asked(database: Database) -> None:
    draft = {"email": "Ada@People.example", "name": " Ada ", "role": "manager", "password": " " + PASSWORD + " "}
    accounts = Accounts(database)
    user = await accounts.create_user(SYSTEM, draft)

    assert (user.email, user.name, user.role, user.active) == ("ada@people.example", "Ada", "manager", True)
    assert (await accounts.sign_in(user.email, " " + PASSWORD + " ")).user_id == user.id
    assert (await _refusal(accounts, user.email, PASSWORD))["code"] == "auth.wrong_credentials"


async def test_every_wrong_field_of_a_user_is_named(database: Database) -> None:
    draft = {"email": "nobody", "name": "", "role": "king", "password": 7, "is_admin": True}

    with pytest.raises(InvalidInput) as refusal:
        await Accounts(database).create_user(SYSTEM, draft)
    assert set(refusal.value.fields) == set(draft)
    assert refusal.value.fields["role"] == "This must be one of 'admin', 'manager', 'employee' or 'publisher'."


async def test_what_is_not_a_users_to_change_is_refused(database: Database) -> None:
    user = await make_user(database)
    for changes in ({"email": "x@y.example"}, {"password_hash": "x"}, {"id": str(uuid7())}, {"active": "no"}, []):
        with pytest.raises(InvalidInput):
            await Accounts(database).change_user(SYSTEM, user.id, changes)  # type: ignore[arg-type]


async def test_the_last_administrator_can_neither_be_demoted_nor_locked_out(database: Database) -> None:
    accounts = Accounts(database)
    admin = await make_user(database, role=Role.ADMIN)
    await make_user(database, role=Role.ADMIN, active=False)
    await make_user(database, role=Role.MANAGER)

    for changes in ({"role": "manager"}, {"active": False}):
        with pytest.raises(Conflict) as refusal:
            await accounts.change_user(SYSTEM, admin.id, changes)
        assert refusal.value.code == "accounts.last_admin"
    assert (await accounts.actor_of_user(admin.id)).may("users.manage")

    await make_user(database, role=Role.ADMIN)
    await accounts.change_user(SYSTEM, admin.id, {"role": "manager"})
    assert not (await accounts.actor_of_user(admin.id)).may("users.manage")


async def test_nobody_takes_the_administration_from_themselves(database: Database) -> None:
    accounts = Accounts(database)
    admin, other = await make_user(database, role=Role.ADMIN), await make_user(database, role=Role.ADMIN)

    for changes in ({"role": "manager"}, {"active": False}):
        with pytest.raises(Conflict) as refusal:
            await accounts.change_user(admin.actor, admin.id, changes)
        assert refusal.value.code == "accounts.oneself"
    assert (await accounts.get_user(other.actor, admin.id)).is_active_admin
    assert (await accounts.change_user(admin.actor, admin.id, {"name": "Ada"})).name == "Ada"
    await accounts.change_user(other.actor, admin.id, {"active": False})


async def test_everybody_changes_their_own_name_and_no_more(database: Database) -> None:
    accounts, user = Accounts(database), await make_user(database, role=Role.PUBLISHER)

    await accounts.change_own(user.actor, {"name": "Ada"})

    for wrong in ({"name": ""}, {"name": "Ada", "role": "admin"}, {}):
        with pytest.raises(InvalidInput):
            await accounts.change_own(user.actor, wrong)
    kept = await accounts.get_user(SYSTEM, user.id)
    assert (kept.name, kept.role) == ("Ada", "publisher")
    with pytest.raises(NotFound):
        await accounts.change_own(SYSTEM, {"name": "Nobody"})


async def test_only_those_who_manage_users_manage_users(database: Database) -> None:
    user, accounts = await make_user(database), Accounts(database)
    actor = make_actor(permissions=set(PERMISSIONS) - {"users.manage"})
    draft = {"email": "x@y.example", "name": "X", "role": "admin", "password": PASSWORD}

    for attempt in (
        accounts.create_user(actor, draft),
        accounts.list_users(actor),
        accounts.get_user(actor, user.id),
        accounts.change_user(actor, user.id, {"role": "admin"}),
    ):
        with pytest.raises(PermissionDenied):
            await attempt
    assert [known.role for known in await accounts.list_users(SYSTEM)] == ["employee"]


async def test_changing_somebody_who_does_not_exist(database: Database) -> None:
    with pytest.raises(NotFound):
        await Accounts(database).change_user(SYSTEM, uuid7(), {"name": "X"})


async def test_users_are_listed_by_name_without_their_hashes(database: Database) -> None:
    for name in ("Bob", "Ada"):
        await make_user(database, name=name)

    listed = [user.as_dict() for user in await Accounts(database).list_users(SYSTEM)]

    assert [user["name"] for user in listed] == ["Ada", "Bob"]
    assert set(listed[0]) == {"id", "email", "name", "role", "active", "created_at", "updated_at"}
    assert "argon2" not in str(listed)


async def test_a_new_instance_gets_an_administrator_with_a_made_up_password(database: Database) -> None:
    accounts = Accounts(database)
    first = await accounts.ensure_first_admin()

    assert first is not None
    assert first.generated
    assert (await accounts.sign_in(first.email, first.password)).permissions == set(PERMISSIONS)


async def test_the_first_administrator_can_be_chosen(database: Database) -> None:
    accounts = Accounts(database)
    first = await accounts.ensure_first_admin("Boss@People.example", PASSWORD)

    assert first is not None
    assert (first.email, first.generated) == ("boss@people.example", False)
    assert (await accounts.sign_in("boss@people.example", PASSWORD)).may("users.manage")


async def test_an_instance_with_people_gets_no_further_administrator(database: Database) -> None:
    await make_user(database, active=False)

    assert await Accounts(database).ensure_first_admin("boss@people.example", PASSWORD) is None
    assert len(await Accounts(database).list_users(SYSTEM)) == 1


@pytest.mark.parametrize(("email", "password"), [("nobody", PASSWORD), ("boss@people.example", "short")])
async def test_a_first_administrator_that_cannot_be_is_refused(database: Database, email: str, password: str) -> None:
    with pytest.raises(InvalidInput):
        await Accounts(database).ensure_first_admin(email, password)
    async with database.reading() as session:
        assert (await session.scalars(User.__table__.select())).all() == []


async def _refusal(accounts: Accounts, email: str, password: str) -> dict[str, object]:
    try:
        await accounts.sign_in(email, password)
    except Error as error:
        return error.as_dict()
    raise AssertionError("was let in")
