import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.customers import Customer, CustomerQuery, Customers
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import PermissionDenied
from rising_bsm.hooks import HookPoints
from support.people import make_actor, make_customer

pytestmark = pytest.mark.anyio


async def names(database: Database, **query: object) -> list[str]:
    page = await Customers(database, HookPoints()).list(SYSTEM, CustomerQuery.of(query))
    assert page.total == await Customers(database, HookPoints()).count(SYSTEM, CustomerQuery.of(query))
    return [customer.name for customer in page.items]


async def test_nothing_is_listed_where_there_is_nothing(database: Database) -> None:
    page = await Customers(database, HookPoints()).list(SYSTEM)

    assert page.as_dict() == {"items": [], "total": 0, "limit": 50, "offset": 0}


@pytest.mark.parametrize(
    "search",
    ["ümit", "ÜMIT", "yilmaz@x", "Gärtnerei Öz", "gÄRTNEREI ö", "0151 23", "STRASS", "straß", "wien", "u\u0308mit"],
)
async def test_search_looks_into_name_email_company_phone_and_city(database: Database, search: str) -> None:
    await make_customer(
        database, name="Ümit", email="yilmaz@x.example", company="Gärtnerei Öz", phone="+49 0151 23", city="Wien Straße"
    )
    await make_customer(database, name="Somebody Else", address="Ümit", notes="wien straße gärtnerei öz 0151 23")

    assert await names(database, search=search) == ["Ümit"]


@pytest.mark.parametrize("search", ["%", "_", "100%", "a_b", "\\", "/", "'", '"', "*", "?", "[a]"])
async def test_signs_with_a_meaning_in_patterns_mean_themselves(database: Database, search: str) -> None:
    await make_customer(database, name=f"exactly {search} this")
    await make_customer(database, name="something other 100 acb x")

    assert await names(database, search=search) == [f"exactly {search} this"]


async def test_a_match_does_not_run_from_one_field_into_the_next(database: Database) -> None:
    await make_customer(database, name="ab", email="cd@x.example")

    assert await names(database, search="abcd") == []


async def test_what_was_changed_is_found_as_it_is_now(database: Database) -> None:
    customer = await make_customer(database, name="Before")
    await Customers(database, HookPoints()).update(SYSTEM, customer.id, {"name": "After"})

    assert await names(database, search="before") == []
    assert await names(database, search="after") == ["After"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Ada", "Bob", "Cleo"]),
        ({"status": "lead"}, ["Bob"]),
        ({"type": "business"}, ["Ada", "Cleo"]),
        ({"city": "Wien"}, ["Ada"]),
        ({"city": "wien"}, []),
        ({"country": "at"}, ["Ada", "Bob"]),
        ({"newsletter": "true"}, ["Cleo"]),
        ({"newsletter": "false"}, ["Ada", "Bob"]),
        ({"tag": "vip"}, ["Ada", "Bob"]),
        ({"tag": "VIP"}, []),
        ({"tag": "vi"}, []),
        ({"tag": "größer"}, ["Ada"]),
        ({"tag": '"], "vip'}, []),
        ({"tag": 'quote " and \\ back'}, ["Cleo"]),
        ({"tag": "vip", "status": "active", "search": "a"}, ["Ada"]),
        ({"tag": "vip", "country": "DE"}, []),
        ({"search": "", "city": "", "tag": ""}, ["Ada", "Bob", "Cleo"]),
    ],
)
async def test_filters_leave_what_is_equal_in_all_of_them(
    database: Database, query: dict[str, str], found: list[str]
) -> None:
    await make_customer(
        database, name="Ada", type="business", city="Wien", country="AT", tags=["vip", "größer"], phone="a"
    )
    await make_customer(database, name="Bob", status="lead", city="Graz", country="AT", tags=["old", "vip"])
    await make_customer(
        database, name="Cleo", type="business", newsletter=True, tags=["vip too", 'quote " and \\ back'], city="Bonn"
    )

    assert await names(database, **query) == found


@pytest.mark.parametrize("field", ["name", "email", "company", "city", "created_at", "updated_at"])
async def test_sorting_goes_both_ways_without_regard_to_case(database: Database, field: str) -> None:
    letters = ["b", "A", "C", "a", "B", "c"]
    for position, letter in enumerate(letters):
        text = {"name": letter, "company": letter, "city": letter, "email": f"{letter}{position}@x.example"}
        await make_customer(database, **text)
    customers = Customers(database, HookPoints())

    up = (await customers.list(SYSTEM, CustomerQuery.of({"sort": field}))).items
    down = (await customers.list(SYSTEM, CustomerQuery.of({"sort": "-" + field}))).items

    assert [customer.id for customer in down] == [customer.id for customer in reversed(up)]
    if field.endswith("_at"):
        assert [customer.name for customer in up] == letters
    else:
        # What is equal stays in the order in which it was added.
        assert [customer.name for customer in up] == ["A", "a", "b", "B", "C", "c"]


async def test_capital_umlauts_are_sorted_like_small_ones(database: Database) -> None:
    for name in ("Über", "über uns", "ÜBER ALLES"):
        await make_customer(database, name=name)

    assert await names(database) == ["Über", "ÜBER ALLES", "über uns"]


@pytest.mark.parametrize("limit", [1, 4, 9, 10, 200])
@pytest.mark.parametrize("sort", ["name", "-created_at", "city"])
async def test_page_after_page_everything_is_shown_once(database: Database, limit: int, sort: str) -> None:
    for number in range(9):
        await make_customer(database, name=f"Same {number % 2}", city="Same")
    customers, seen = Customers(database, HookPoints()), []
    for offset in range(0, 12, limit):
        page = await customers.list(SYSTEM, CustomerQuery.of({"limit": limit, "offset": offset, "sort": sort}))
        assert (page.total, page.limit, page.offset) == (9, limit, offset)
        seen += [customer.id for customer in page.items]

    assert len(seen) == len(set(seen)) == 9


async def test_a_page_is_one_statement_and_one_beyond_the_end_two(database: Database) -> None:
    for _ in range(3):
        await make_customer(database)
    statements: list[str] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    customers = Customers(database, HookPoints())

    (await customers.list(SYSTEM, CustomerQuery.of({"tag": "x", "search": "y", "limit": 2}))).as_dict()
    (await customers.list(SYSTEM, CustomerQuery.of({"limit": 2}))).as_dict()
    assert len(statements) <= 3

    statements.clear()
    assert (await customers.list(SYSTEM, CustomerQuery.of({"offset": 7}))).total == 3
    assert len(statements) == 2


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=12)


@given(before=TEXT, found=TEXT, after=TEXT)
def test_what_contains_something_still_contains_it_when_case_is_folded(before: str, found: str, after: str) -> None:
    customer = Customer(email="a@x.example")
    customer.change({"name": before + found + after, "company": "", "phone": "", "city": ""})

    assert found.casefold() in customer.search_text


@pytest.mark.parametrize("seed", range(3))
async def test_a_list_agrees_with_a_list_made_by_hand(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    drafts = [
        {
            "name": chance.choice("ab") + chance.choice("XY%_"),
            "status": chance.choice(["active", "lead"]),
            "tags": chance.sample(["x", "y", "z"], chance.randrange(3)),
            "newsletter": chance.random() < 0.5,
            "email": f"{number}@x.example",
        }
        for number in range(20)
    ]
    for draft in drafts:
        await make_customer(database, **draft)

    for _ in range(10):
        search, tag = chance.choice(["a", "X", "%", "_", "q", ""]), chance.choice(["x", "y", ""])
        status, newsletter = chance.choice(["active", "lead"]), chance.random() < 0.5
        wanted = [
            draft["name"]
            for draft in sorted(drafts, key=lambda draft: str(draft["name"]).casefold())
            if search.casefold() in f"{draft['name']}\n{draft['email']}".casefold()
            and (not tag or tag in draft["tags"])  # type: ignore[operator]
            and (draft["status"], draft["newsletter"]) == (status, newsletter)
        ]
        assert await names(database, search=search, tag=tag, status=status, newsletter=newsletter) == wanted


async def test_names_of_those_who_are_there(database: Database) -> None:
    ada, bob = await make_customer(database, name="Ada"), await make_customer(database, name="Bob")
    customers = Customers(database, HookPoints())

    assert await customers.names(SYSTEM, [ada.id, bob.id, uuid7()]) == {ada.id: "Ada", bob.id: "Bob"}
    assert await customers.names(SYSTEM, []) == {}
    with pytest.raises(PermissionDenied):
        await customers.names(make_actor(permissions=["customers.create"]), [ada.id])
