import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.catalogue.search import order
from rising_bsm.marketplace.catalogue.search.words import terms, words
from support.catalogue import Shelf

pytestmark = pytest.mark.anyio

EACH_TIME_ANEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """A plugin of the stock; `number` is its age."""

    number: int
    name: str
    title: str
    description: str = "Nothing much."
    readme: str = ""
    publisher: str = "acme"
    tags: tuple[str, ...] = ()
    category: str = "other"
    type: str = "mixed"
    host: str = ">=0.1,<1"
    paid: bool = False
    installs: int = 0
    score: float = 0.0
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.publisher}.{self.name}"

    @property
    def published_at(self) -> datetime:
        return BEGINNING + timedelta(days=self.number % 3)


STOCK = [
    Entry(1, "pay", "Pay", installs=5, tags=("money",), category="finance", score=4.5, paid=True),
    Entry(2, "payroll", "Payroll", installs=50, tags=("money", "staff"), category="finance", host=">=0.2", score=3.1),
    Entry(3, "wages", "Wages", installs=500, tags=("pay", "staff"), category="finance", type="api", score=4.5),
    Entry(4, "bills", "Bills", "Customers pay in time.", installs=5000, category="finance", host="<0.2", score=2.0),
    Entry(5, "clock", "Clock", readme="Who comes to work is paid.", installs=9, publisher="globex", type="automation"),
    Entry(6, "care", "Café Sans Souci", "Für Gäste.", tags=("café-bar".replace("é", "e"),), installs=9, score=5.0),
    Entry(7, "cash", "レジ会計", "Pay at the counter.", installs=9, paid=True, category="tools", score=5.0),
    Entry(8, "pay-now", "Pay now", installs=5, publisher="globex", tags=("money",), category="tools"),
    Entry(9, "mail", "Mail to customers", "To be in time.", readme="money " * 99, category="communication"),
    Entry(10, "to-do", "To do", "What is to be done.", installs=1, type="ui", category="tools"),
    Entry(11, "zoo", "Zoo", "Pay the keeper, and pay in time.", tags=("animals",), host="~=0.1.3", score=1.5),
    Entry(12, "a", "A", "A b c d.", installs=2_000_000_000, score=0.25),
]


@pytest.fixture
async def stocked(shelf: Shelf) -> Shelf:
    for entry in STOCK:
        await put(shelf, entry)
    return shelf


async def put(shelf: Shelf, entry: Entry) -> None:
    same = ("publisher", "description", "readme", "category", "type", "host", "installs", "score", "published_at")
    said = {name: getattr(entry, name) for name in same}
    pricing = {"model": "paid" if entry.paid else "free"}
    await shelf.publish(entry.name, display_name=entry.title, tags=list(entry.tags), pricing=pricing, **said)


def tier_of(entry: Entry, text: str) -> int | None:
    """How well it fits, said in another way than the program says it."""
    name = set(words(f"{entry.title} {entry.name}"))
    places = [name, set(words(" ".join([*entry.tags, entry.publisher]))), set(words(entry.description))]
    looked_for = terms(text)
    if all(term.word in name for term in looked_for):
        return 0
    known: set[str] = set()
    for tier, place in enumerate([*places, set(words(entry.readme))], start=1):
        known |= place
        if all(any(word == t.word or (t.prefix and word.startswith(t.word)) for word in known) for t in looked_for):
            return tier
    return None


def expected(text: str, sort: str = "relevance") -> list[str]:
    fitting = [(tier, entry) for entry in STOCK if (tier := tier_of(entry, text)) is not None]
    keys: dict[str, Any] = {
        "relevance": lambda one: (-one[0], one[1].installs, one[1].number),
        "installs": lambda one: (one[1].installs, one[1].number),
        "rating": lambda one: (one[1].score, one[1].number),
        "newest": lambda one: (one[1].published_at, one[1].number),
    }
    return [entry.id for _, entry in sorted(fitting, key=keys[sort], reverse=True)]


async def test_where_a_word_is_found_decides_and_then_how_many_have_it(stocked: Shelf) -> None:
    assert await stocked.find(q="pay") == [
        *("globex.pay-now", "acme.pay"),  # a word of the name
        "acme.payroll",  # begins one
        "acme.wages",  # a tag
        *("acme.bills", "acme.cash", "acme.zoo"),  # the description
    ]
    assert await stocked.find(q="paid") == ["globex.clock"]  # the readme


async def test_what_is_typed_is_found(stocked: Shelf) -> None:
    for text, ids in (
        ("CAFE", ["acme.care"]),
        ("café gaste", ["acme.care"]),
        ("sou", ["acme.care"]),
        ("会計", ["acme.cash"]),
        ("計", ["acme.cash"]),
        ("acme pay-now", []),
        ("globex.pay-now", ["globex.pay-now"]),
        ("globex", ["globex.clock", "globex.pay-now"]),
        ("to do", ["acme.to-do"]),
        ("to", ["acme.to-do", "acme.mail", "globex.clock"]),
        ("customers time", ["acme.bills", "acme.mail"]),
        ("nothing like it", []),
    ):
        assert (text, await stocked.find(q=text)) == (text, ids)


async def test_without_text_all_are_found_and_without_words_nothing(stocked: Shelf) -> None:
    for text in ("", " ", "\n"):
        assert await stocked.find(q=text) == expected("", "installs")
    for text in ("!!!", '"', "*", "'", "%", "\\", "( )", "🎉", "\0", "{name} :"):
        assert (text, await stocked.find(q=text)) == (text, expected(text) if terms(text) else [])


WORDS = [
    "pay",
    "p",
    "pa",
    "to",
    "in",
    "time",
    "money",
    "a",
    "acme",
    "customers",
    "be",
    "Café",
    "会",
    "clock",
    "b",
    "zz",
]
TYPED = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@EACH_TIME_ANEW
@given(
    text=TYPED, sort=st.sampled_from(["relevance", "installs", "rating", "newest"]), many=st.sampled_from([1, 4, 5000])
)
async def test_both_databases_find_the_same_in_the_same_order(stocked: Shelf, text: str, sort: str, many: int) -> None:
    with pytest.MonkeyPatch.context() as when_so_many_are_many:
        when_so_many_are_many.setattr(order, "_MANY", many)
        assert await stocked.find(q=text, sort=sort) == expected(text, sort)


@EACH_TIME_ANEW
@given(text=st.text(max_size=60) | st.text("ab\"*():{}^+-~|&!<>\\' =", max_size=30))
async def test_no_text_is_misunderstood(stocked: Shelf, text: str) -> None:
    found = await stocked.find(q=text, sort="installs")
    assert found == ([] if text.strip() and not terms(text) else expected(text, "installs"))


FILTERS: list[tuple[dict[str, str], set[int]]] = [
    ({"category": "finance"}, {1, 2, 3, 4}),
    ({"category": "scheduling"}, set()),
    ({"tag": "money"}, {1, 2, 8}),
    ({"tag": "cafe-bar"}, {6}),
    ({"tag": "bar"}, set()),
    ({"type": "api"}, {3}),
    ({"pricing": "paid"}, {1, 7}),
    ({"publisher": "globex"}, {5, 8}),
    ({"publisher": "glob"}, set()),
    ({"host": "0.1.0"}, set(range(1, 13)) - {2, 11}),
    ({"host": "0.1.5"}, set(range(1, 13)) - {2}),
    ({"host": "0.2.0rc1"}, set(range(1, 13)) - {2, 4, 11}),
    ({"host": "0.2"}, set(range(1, 13)) - {4, 11}),
    ({"host": "2"}, {2}),
    ({"q": "pay", "category": "finance", "tag": "money"}, {1, 2}),
    ({"q": "pay", "pricing": "paid", "host": "0.3"}, {1, 7}),
    ({"q": "money", "publisher": "acme", "type": "mixed", "category": "finance"}, {1, 2}),
]


async def test_filters(stocked: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    for asked, numbers in FILTERS:
        wanted = {entry.id for entry in STOCK if entry.number in numbers}
        for sort in ("relevance", "rating"):
            found = await stocked.find(**asked, sort=sort)
            assert (asked, set(found)) == (asked, wanted)
            with monkeypatch.context() as when_there_are_many:
                when_there_are_many.setattr(order, "_MANY", 1)
                assert (asked, await stocked.find(**asked, sort=sort)) == (asked, found)


@EACH_TIME_ANEW
@given(
    asked=st.fixed_dictionaries(
        {"limit": st.integers(1, 5)},
        optional={
            "q": TYPED,
            "sort": st.sampled_from(["relevance", "installs", "rating", "newest"]),
            "category": st.sampled_from(["finance", "tools"]),
        },
    ),
    many=st.sampled_from([1, 4, 5000]),
)
async def test_pages_are_the_whole_list_and_nothing_twice(stocked: Shelf, asked: dict[str, Any], many: int) -> None:
    whole = await stocked.find(**asked | {"limit": 100})
    with pytest.MonkeyPatch.context() as when_so_many_are_many:
        when_so_many_are_many.setattr(order, "_MANY", many)
        assert await stocked.walk(**asked) == whole
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("asked", [{"q": "pay"}, {}, {"sort": "rating"}, {"q": "pay", "sort": "newest"}])
@pytest.mark.parametrize("limit", [1, 3])
async def test_what_is_added_between_pages_moves_nothing(stocked: Shelf, asked: dict[str, Any], limit: int) -> None:
    whole, seen, cursor = await stocked.find(**asked), list[str](), None
    for number in range(100, 200):
        page = await stocked.catalogue.search(asked | {"limit": limit} | ({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
        title = ["Pay", "Paying", "Other"][number % 3]
        more = {"installs": number, "score": 4.0, "readme": "Pay."}
        await put(stocked, Entry(number, f"new-{number}", title, **more))  # type: ignore[arg-type] # of several types
    old = [plugin_id for plugin_id in seen if "new-" not in plugin_id]
    assert old == whole
    assert len(set(seen)) == len(seen)


async def test_a_cursor_is_for_its_own_search(stocked: Shelf) -> None:
    cursor = (await stocked.catalogue.search({"q": "pay", "limit": 1}))["next"]
    await stocked.catalogue.search({"q": "pay", "limit": 7, "cursor": cursor})
    for other in ({"q": "pa"}, {"q": "pay", "sort": "newest"}, {"q": "pay", "tag": "money"}, {"q": "pay", "host": "1"}):
        with pytest.raises(InvalidInput) as refused:
            await stocked.catalogue.search({**other, "cursor": cursor})
        assert refused.value.code == "catalogue.invalid_cursor"


def forged(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@EACH_TIME_ANEW
@given(cursor=st.text(max_size=200) | st.binary(max_size=60).map(lambda data: base64.urlsafe_b64encode(data).decode()))
async def test_no_cursor_breaks_anything(shelf: Shelf, cursor: str) -> None:
    for sort in ("relevance", "rating", "newest"):
        if cursor.strip():
            with pytest.raises(InvalidInput):
                await shelf.catalogue.search({"cursor": cursor, "sort": sort})


MADE_UP: list[tuple[str, int, Any, int]] = [
    ("installs", 0, 2**31, 1),
    ("installs", 0, -1, 1),
    ("installs", 0, 1.5, 1),
    ("installs", 0, True, 1),
    ("installs", 0, 1, 2**63),
    ("installs", 5, 1, 1),
    ("rating", 0, 1e999, 1),
    ("rating", 0, "x", 1),
    ("newest", 0, "2026-01-01", 1),
    ("newest", 0, "2026-01-01T00:00:00", 1),
    ("newest", 0, 5, 1),
    ("newest", 0, [1], 1),
]


async def test_a_cursor_that_somebody_made_up(stocked: Shelf) -> None:
    for sort, tier, key, number in MADE_UP:
        cursor = (await stocked.catalogue.search({"sort": sort, "limit": 1}))["next"]
        name = json.loads(base64.urlsafe_b64decode(cursor + "==="))[0]
        with pytest.raises(InvalidInput) as refused:
            await stocked.catalogue.search({"sort": sort, "cursor": forged(name, tier, key, number)})
        assert refused.value.code == "catalogue.invalid_cursor"


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"sort": "price"}, "sort"),
        ({"category": "games"}, "category"),
        ({"tag": "Loud"}, "tag"),
        ({"tag": '"} OR {name'}, "tag"),
        ({"publisher": "a.b"}, "publisher"),
        ({"type": "x"}, "type"),
        ({"pricing": "cheap"}, "pricing"),
        ({"host": "new"}, "host"),
        ({"host": "1" * 61}, "host"),
        ({"q": "x" * 201}, "q"),
        ({"offset": "3"}, "offset"),
    ],
)
async def test_what_is_asked_wrongly_is_named(shelf: Shelf, asked: dict[str, str], wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await shelf.catalogue.search(asked)
    assert (refused.value.code, set(refused.value.fields)) == ("catalogue.invalid_query", {wrong})


async def test_no_more_than_a_hundred_at_once(stocked: Shelf) -> None:
    assert len(await stocked.find(limit="100")) == len(STOCK)
