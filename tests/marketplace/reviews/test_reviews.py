"""Reviews: by people who have it, one each, answered, hidden, and counted anew each time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from rising_bsm.accounts import Role
from rising_bsm.accounts.activity import Activity
from rising_bsm.business.notifications import Notifications
from rising_bsm.db import uuid7
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.marketplace.instances.errors import TooManyAttempts
from rising_bsm.marketplace.reviews.queries import score_of
from rising_bsm.marketplace.reviews.schema import ReviewDraft, ReviewQuery
from rising_bsm.marketplace.reviews.service import PER_INSTANCE, REPORTS_PER_DAY, NotInstalled, TooManyReviews
from support.market import make_market_plugin, make_market_version, stored_plugin
from support.people import make_actor, make_user
from support.selling import PLUGIN, Shop, ThatInstance, at_once, plugin_report
from support.travel import START, at

pytestmark = pytest.mark.anyio
OPERATOR = make_actor(permissions=["marketplace.manage"], name="Operator")
OWNER = make_actor(permissions=Role.PUBLISHER.permissions, name="Owner")
RIVAL = make_actor(permissions=Role.PUBLISHER.permissions, name="Rival")
ANN, BOB = "a" * 32, "b" * 32


async def user(shop: Shop, **report: Any) -> ThatInstance:
    """An instance where the plugin is installed."""
    one = ThatInstance()
    await shop.beat(one, plugins=[plugin_report(**report)])
    return one


async def say(shop: Shop, who: ThatInstance, stars: int = 4, author: str = ANN, **fields: Any) -> dict[str, Any]:
    said = {"plugin": PLUGIN, "user": author, "name": "Ann", "stars": stars, "text": "It helps."} | fields
    answer: dict[str, Any] = await shop.ask(who, "review", **said)
    return answer


async def rating(shop: Shop, plugin_id: str = PLUGIN) -> tuple[int, int, float]:
    plugin = await stored_plugin(shop.database, plugin_id)
    return plugin.rating_count, plugin.rating_sum, round(plugin.score, 4)


async def listed(shop: Shop, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await shop.selling.reviews.list(None, PLUGIN, ReviewQuery.of(query)))["items"]
    return items


async def test_whoever_has_it_says_what_they_think(each_shop: Shop) -> None:
    with at(START):
        said = await say(each_shop, await user(each_shop), 5, text="Very\ngood.")
    assert await listed(each_shop) == [said]
    assert {name: said[name] for name in ("name", "stars", "text", "version", "reply")} == {
        "name": "Ann",
        "stars": 5,
        "text": "Very\ngood.",
        "version": "1.0.0",
        "reply": None,
    }
    assert ANN not in str(said)
    assert await rating(each_shop) == (1, 5, round((35 + 5) / 11, 4))


async def test_whoever_has_it_not_says_nothing(shop: Shop) -> None:
    stranger, gone = ThatInstance(), ThatInstance()
    with at(START):
        await shop.beat(gone, plugins=[plugin_report()])
        await shop.beat(stranger, plugins=[plugin_report("other.plugin")])
        await say(shop, gone)
    with at(START + timedelta(hours=72)):
        for who in (stranger, gone):
            with pytest.raises(NotInstalled):
                await say(shop, who, 1, BOB)
    assert (await rating(shop))[0] == 1


async def test_a_plugin_that_is_not_listed_is_not_reviewed(shop: Shop) -> None:
    await make_market_plugin(shop.database, "acme.hidden", listed=False)
    await make_market_version(shop.database, "acme.hidden")
    with pytest.raises(NotInstalled):
        await say(shop, await user(shop, plugin_id="acme.hidden"), plugin="acme.hidden")


async def test_one_person_has_one_review_which_can_be_changed(each_shop: Shop) -> None:
    one = await user(each_shop)
    with at(START):
        first = await say(each_shop, one, 1)
        await say(each_shop, one, 3, BOB, name="Bob")
    with at(START + timedelta(days=1)):
        await each_shop.beat(one, plugins=[plugin_report()])
        second = await say(each_shop, one, 5, text="Better now.")

    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])
    assert second["updated_at"] > first["updated_at"]
    assert [(item["name"], item["stars"]) for item in await listed(each_shop)] == [("Bob", 3), ("Ann", 5)]
    assert (await rating(each_shop))[:2] == (2, 8)


async def test_the_same_pseudonym_on_another_instance_is_somebody_else(shop: Shop) -> None:
    await say(shop, await user(shop), 1)
    await say(shop, await user(shop), 5)
    assert (await rating(shop))[:2] == (2, 6)


async def test_an_instance_has_so_many_people_and_no_more(shop: Shop) -> None:
    one = await user(shop)
    for number in range(PER_INSTANCE):
        await say(shop, one, 1, f"{number:032x}")
    with pytest.raises(TooManyReviews):
        await say(shop, one, 1, BOB)
    await say(shop, one, 5, f"{0:032x}")
    assert (await rating(shop))[:2] == (PER_INSTANCE, PER_INSTANCE + 4)


async def test_many_at_once_are_all_counted(each_shop: Shop) -> None:
    said = [{"plugin": PLUGIN, "user": ANN, "name": "Ann", "stars": 1 + at_ % 5} for at_ in range(8)]
    callers = [await each_shop.admitted(await user(each_shop), "review", **fields) for fields in said]
    await at_once(each_shop, callers, lambda selling: selling.reviews.write)
    assert (await rating(each_shop))[:2] == (8, sum(1 + at_ % 5 for at_ in range(8)))


async def test_one_person_many_times_at_once_has_one_review(each_shop: Shop) -> None:
    one = await user(each_shop)
    said = [{"plugin": PLUGIN, "user": ANN, "name": "Ann", "stars": stars} for stars in (1, 2, 3, 4, 5)]
    callers = [await each_shop.admitted(one, "review", **fields) for fields in said]
    answers = await at_once(each_shop, callers, lambda selling: selling.reviews.write)
    assert not any(isinstance(answer, BaseException) for answer in answers)
    (review,) = await listed(each_shop)
    assert (await rating(each_shop))[:2] == (1, review["stars"])


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": -1}, "stars"),
        ({"stars": "5"}, "stars"),
        ({"stars": True}, "stars"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "\u202eevil"}, "text"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"user": "Ann"}, "user"),
        ({"user": "a" * 65}, "user"),
        ({"plugin": "<script>"}, "plugin"),
    ],
)
def test_what_cannot_be_said_is_named(fields: dict[str, Any], wrong: str) -> None:
    said = {"plugin": PLUGIN, "user": ANN, "name": "Ann", "stars": 4}
    with pytest.raises(InvalidInput) as refusal:
        ReviewDraft.of(said | fields)
    assert (refusal.value.code, list(refusal.value.fields)) == ("review.invalid", [wrong])


async def test_the_publisher_answers_and_nobody_else(shop: Shop) -> None:
    await make_market_plugin(shop.database, "owner.crm", owner_id=OWNER.user_id)
    await make_market_version(shop.database, "owner.crm")
    said = await say(shop, await user(shop, plugin_id="owner.crm"), plugin="owner.crm")
    reviews, review_id = shop.selling.reviews, UUID(said["id"])
    demoted = make_actor(permissions=[], user_id=OWNER.user_id)
    for actor in (RIVAL, OPERATOR, demoted):
        with pytest.raises(NotFound) as refusal:
            await reviews.reply(actor, review_id, {"text": "Thanks."})
        assert refusal.value.code == "review.not_found"
    with pytest.raises(NotFound):
        await reviews.reply(OWNER, uuid7(), {"text": "Thanks."})

    answered = await reviews.reply(OWNER, review_id, {"text": "Thanks."})
    assert answered["reply"]["text"] == "Thanks."
    assert answered["updated_at"] == said["updated_at"]
    assert (await reviews.reply(OWNER, review_id, {"text": ""}))["reply"] is None
    with pytest.raises(InvalidInput):
        await reviews.reply(OWNER, review_id, {"text": "x" * 4001})


async def test_what_the_operator_hides_is_neither_seen_nor_counted(each_shop: Shop) -> None:
    reviews = each_shop.selling.reviews
    insult = await say(each_shop, await user(each_shop), 1, text="An insult.")
    kept = await say(each_shop, await user(each_shop), 5)
    with pytest.raises(PermissionDenied):
        await reviews.hide(RIVAL, UUID(insult["id"]), {"reason": "I do not like it."})
    with pytest.raises(InvalidInput):
        await reviews.hide(OPERATOR, UUID(insult["id"]), {"reason": ""})

    hidden = await reviews.hide(OPERATOR, UUID(insult["id"]), {"reason": "An insult."})

    assert (hidden["hidden"], hidden["hidden_reason"]) == (True, "An insult.")
    assert await listed(each_shop) == [kept]
    assert (await rating(each_shop))[:2] == (1, 5)
    for actor in (None, RIVAL):
        with pytest.raises(PermissionDenied):
            await reviews.list(actor, PLUGIN, ReviewQuery(hidden="true"))
    assert (await reviews.list(OPERATOR, PLUGIN, ReviewQuery(hidden="true")))["items"] == [hidden]
    with pytest.raises(PermissionDenied):
        await reviews.show(RIVAL, UUID(insult["id"]))
    await reviews.show(OPERATOR, UUID(insult["id"]))
    assert (await rating(each_shop))[:2] == (2, 6)
    async with each_shop.database.reading() as session:
        noted = (await session.scalars(select(Activity).order_by(Activity.id))).all()
    assert [(entry.action, entry.user_name, entry.detail.get("reason")) for entry in noted] == [
        ("reviews.hide", "Operator", "An insult."),
        ("reviews.show", "Operator", None),
    ]


async def test_changing_what_is_hidden_does_not_show_it(shop: Shop) -> None:
    one = await user(shop)
    insult = await say(shop, one, 1)
    await shop.selling.reviews.hide(OPERATOR, UUID(insult["id"]), {"reason": "An insult."})
    await say(shop, one, 1, text="Another insult.")
    assert await listed(shop) == []
    assert (await rating(shop))[0] == 0


async def test_pages_are_all_reviews_and_each_once(each_shop: Shop) -> None:
    one = await user(each_shop)
    every = [(await say(each_shop, one, 1 + at_ % 5, f"{at_:032x}"))["id"] for at_ in range(7)]
    seen, query = [], {"limit": "3"}
    while True:
        page = await each_shop.selling.reviews.list(None, PLUGIN, ReviewQuery.of(query))
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
        if len(seen) == 3:
            await say(each_shop, one, 5, "c" * 32)  # what comes in between is on no later page
    assert seen == every[::-1]
    assert [item["stars"] for item in await listed(each_shop, stars="2")] == [2, 2]


async def test_what_nobody_has_reviewed_has_the_score_that_is_thought_of_it(shop: Shop) -> None:
    assert await rating(shop) == (0, 0, 3.5)
    insult = await say(shop, await user(shop), 1)
    await shop.selling.reviews.hide(OPERATOR, UUID(insult["id"]), {"reason": "An insult."})
    assert await rating(shop) == (0, 0, 3.5)


async def test_reviews_are_no_change_of_the_plugin(shop: Shop) -> None:
    before = await stored_plugin(shop.database)
    await say(shop, await user(shop))
    assert (await stored_plugin(shop.database)).updated_at == before.updated_at


@given(stars=st.lists(st.integers(1, 5), max_size=200))
def test_the_score_lies_between_what_was_thought_before_and_what_was_said(stars: list[int]) -> None:
    score = score_of(len(stars), sum(stars))
    mean = sum(stars) / len(stars) if stars else 3.5
    assert min(3.5, mean) - 1e-9 <= score <= max(3.5, mean) + 1e-9
    assert score_of(len(stars) + 1, sum(stars) + 5) >= score >= score_of(len(stars) + 1, sum(stars) + 1)


async def test_everybody_finds_their_own_again(shop: Shop) -> None:
    one, other = await user(shop), await user(shop)
    said = await say(shop, one, author=ANN)
    assert await shop.ask(one, "own-review", plugin=PLUGIN, user=ANN) == {"review": said}
    for who, author in ((one, BOB), (other, ANN)):
        assert await shop.ask(who, "own-review", plugin=PLUGIN, user=author) == {"review": None}


async def test_what_is_wrong_with_a_review_is_told_the_operator(shop: Shop) -> None:
    one = await user(shop)
    said = await say(shop, one, text="Buy at example.com!")
    operator = (await make_user(shop.database, role=Role.ADMIN)).actor
    assert await shop.ask(ThatInstance(), "report-review", review=said["id"], reason="It is an advertisement.") == {}
    [told] = (await Notifications(shop.database).list(operator)).items
    assert (told.notification.title, told.notification.link) == (
        f"A review of {PLUGIN} was reported",
        "/operating/reviews",
    )
    assert "Buy at example.com!" in told.notification.message
    assert "It is an advertisement." in told.notification.message


async def test_nobody_reports_without_end_or_what_is_not_there(shop: Shop) -> None:
    one = await user(shop)
    said, reporter = await say(shop, one), ThatInstance()
    with pytest.raises(NotFound):
        await shop.ask(reporter, "report-review", review=str(uuid7()), reason="x")
    with pytest.raises(InvalidInput):
        await shop.ask(reporter, "report-review", review=said["id"], reason="")
    for _ in range(REPORTS_PER_DAY):
        await shop.ask(reporter, "report-review", review=said["id"], reason="x")
    with pytest.raises(TooManyAttempts):
        await shop.ask(reporter, "report-review", review=said["id"], reason="x")
