from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.business.customers import HOOK_POINTS, Customer, Customers
from rising_bsm.business.customers.model import FIELDS
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import Conflict, InvalidInput, PermissionDenied
from rising_bsm.hooks import BeforeHandler, HookPoints
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio
DRAFT = {"name": "Ada", "email": "ada@x.example"}


def setting(**values: Any) -> BeforeHandler:
    async def handler(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        return draft | values

    return handler


async def refuse(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
    raise InvalidInput("A phone number is required.", fields={"phone": "A phone number is required."})


async def test_a_hook_enriches_a_new_customer(database: Database) -> None:
    hooks = HookPoints()
    hooks.before("customers.create", setting(status="lead", tags=["new"]))

    created = await Customers(database, hooks).create(SYSTEM, DRAFT)

    assert (created.status, created.tags) == ("lead", ["new"])


async def test_a_hook_refuses_and_nothing_is_written(database: Database) -> None:
    customer, hooks = await make_customer(database), HookPoints()
    customers, entries = Customers(database, hooks), len((await ActivityLog(database).list(SYSTEM)).items)
    for point in HOOK_POINTS:
        hooks.before(point, refuse)

    for attempt in (
        customers.create(SYSTEM, DRAFT),
        customers.update(SYSTEM, customer.id, {"city": "Oxford"}),
        customers.delete(SYSTEM, customer.id),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await attempt
        assert refusal.value.fields == {"phone": "A phone number is required."}
    assert [known.as_dict() for known in (await customers.list(SYSTEM)).items] == [customer.as_dict()]
    assert len((await ActivityLog(database).list(SYSTEM)).items) == entries


async def test_what_a_hook_is_shown(database: Database) -> None:
    seen: list[tuple[Any, Any, Any]] = []

    async def look(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        seen.append((draft, current, actor))

    hooks, actor = HookPoints(), make_actor()
    for point in HOOK_POINTS:
        hooks.before(point, look)
    customers = Customers(database, hooks)
    created = await customers.create(actor, DRAFT)
    first = created.as_dict()
    await customers.update(actor, created.id, {"city": "Oxford"})
    second = (await customers.get(actor, created.id)).as_dict()
    await customers.delete(actor, created.id)

    writable = {name: first[name] for name in FIELDS}
    assert seen == [
        (writable, None, actor),
        (writable | {"city": "Oxford"}, first, actor),
        (writable | {"city": "Oxford"}, second, actor),
    ]


async def test_what_differs_from_what_is_stored_after_the_hooks_is_written(database: Database) -> None:
    customer, hooks = await make_customer(database, city="York"), HookPoints()
    hooks.before("customers.update", setting(city="York", notes="seen"))

    changed = await Customers(database, hooks).update(SYSTEM, customer.id, {"city": "Oxford", "phone": "1"})

    assert (changed.city, changed.notes, changed.phone) == ("York", "seen", "1")
    newest = (await ActivityLog(database).list(SYSTEM)).items[0]
    assert newest.detail == {"fields": ["notes", "phone"]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"name": None}, "name"),
        ({"loyalty_points": 7}, "loyalty_points"),
        ({"id": "0"}, "id"),
        ({"version": 9}, "version"),
        ({"tags": ["x" * 41]}, "tags.0"),
        ({"newsletter": 1}, "newsletter"),
        ({"notes": "\0"}, "notes"),
    ],
)
async def test_what_a_hook_returns_is_validated_like_what_people_send(
    database: Database, values: dict[str, Any], field: str
) -> None:
    customer, hooks = await make_customer(database), HookPoints()
    for point in ("customers.create", "customers.update"):
        hooks.before(point, setting(**values))
    customers = Customers(database, hooks)

    for point, attempt in (
        ("customers.create", customers.create(SYSTEM, DRAFT)),
        ("customers.update", customers.update(SYSTEM, customer.id, {"city": "Oxford"})),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await attempt
        assert (refusal.value.code, list(refusal.value.fields)) == ("customers.invalid_after_hooks", [field])
        assert point in refusal.value.message
    assert [known.as_dict() for known in (await customers.list(SYSTEM)).items] == [customer.as_dict()]


async def test_a_hook_that_forgets_what_is_required_is_told_so(database: Database) -> None:
    async def forget(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> dict[str, Any]:
        return {}

    hooks = HookPoints()
    hooks.before("customers.create", forget)

    with pytest.raises(InvalidInput) as refusal:
        await Customers(database, hooks).create(SYSTEM, DRAFT)
    assert set(refusal.value.fields) == {"name", "email"}


async def test_hooks_are_not_asked_about_what_is_wrong_or_not_allowed(database: Database) -> None:
    asked: list[Any] = []

    async def note(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        asked.append(draft)

    customer, hooks = await make_customer(database), HookPoints()
    for point in HOOK_POINTS:
        hooks.before(point, note)
    customers, nobody = Customers(database, hooks), make_actor(permissions=())

    for attempt, error in (
        (customers.create(SYSTEM, {}), InvalidInput),
        (customers.update(SYSTEM, customer.id, {"email": "x"}), InvalidInput),
        (customers.update(SYSTEM, customer.id, {"city": "X"}, expected_version=7), Conflict),
        (customers.create(nobody, DRAFT), PermissionDenied),
        (customers.update(nobody, customer.id, {"city": "X"}), PermissionDenied),
        (customers.delete(nobody, customer.id), PermissionDenied),
    ):
        with pytest.raises(error):
            await attempt
    assert asked == []


async def test_no_transaction_is_open_while_hooks_run(database: Database) -> None:
    # On SQLite a second writer would wait for the first for ever; a hook may write through the services.
    hooks = HookPoints()
    quiet = Customers(database, HookPoints())

    async def write(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        await quiet.create(actor, {"name": "By a hook", "email": f"{uuid7().hex}@x.example"})

    for point in HOOK_POINTS:
        hooks.before(point, write)
    customers = Customers(database, hooks)

    created = await customers.create(SYSTEM, DRAFT | {"city": "one"})
    await customers.update(SYSTEM, created.id, {"city": "two"})
    await customers.delete(SYSTEM, created.id)

    assert await customers.count(SYSTEM) == 3
    assert "ada@x.example" not in [known.email for known in (await customers.list(SYSTEM)).items]


async def test_who_is_overtaken_while_the_hooks_run_does_not_overwrite(database: Database) -> None:
    customer, hooks = await make_customer(database, city="York"), HookPoints()
    quiet = Customers(database, HookPoints())

    async def overtake(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        await quiet.update(actor, customer.id, {"city": "Bath"})

    hooks.before("customers.update", overtake)

    with pytest.raises(Conflict) as refusal:
        await Customers(database, hooks).update(SYSTEM, customer.id, {"phone": "1"})
    assert refusal.value.code == "customers.changed_meanwhile"
    stored = await quiet.get(SYSTEM, customer.id)
    assert (stored.city, stored.phone) == ("Bath", "")


async def test_what_changed_while_the_hooks_ran_is_not_deleted(database: Database) -> None:
    customer, hooks = await make_customer(database), HookPoints()
    quiet = Customers(database, HookPoints())

    async def overtake(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        await quiet.update(actor, customer.id, {"city": "Bath"})

    hooks.before("customers.delete", overtake)

    with pytest.raises(Conflict) as refusal:
        await Customers(database, hooks).delete(SYSTEM, customer.id)
    assert refusal.value.code == "customers.changed_meanwhile"
    assert isinstance(await quiet.get(SYSTEM, customer.id), Customer)


@pytest.mark.parametrize("point", ["customers.update", "customers.delete"])
async def test_what_was_deleted_while_the_hooks_ran_is_not_written(database: Database, point: str) -> None:
    customer, hooks = await make_customer(database), HookPoints()
    quiet, customers = Customers(database, HookPoints()), Customers(database, hooks)

    async def overtake(draft: dict[str, Any], current: dict[str, Any] | None, actor: Any) -> None:
        await quiet.delete(actor, customer.id)

    hooks.before(point, overtake)
    update, delete = customers.update(SYSTEM, customer.id, {"city": "Bath"}), customers.delete(SYSTEM, customer.id)
    attempt, other = (update, delete) if point == "customers.update" else (delete, update)
    other.close()

    with pytest.raises(Conflict) as refusal:
        await attempt
    assert refusal.value.code == "customers.changed_meanwhile"
    assert await quiet.count(SYSTEM) == 0
