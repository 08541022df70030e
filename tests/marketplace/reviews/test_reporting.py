"""Publishers object to reviews, and the operator looks at that."""

from typing import Any
from uuid import UUID

import pytest

from rising_bsm.accounts import Role
from rising_bsm.db import uuid7
from rising_bsm.errors import InvalidInput, PermissionDenied
from rising_bsm.marketplace.reviews.reporting import ReportQuery
from rising_bsm.marketplace.reviews.service import ReviewNotFound
from support.market import make_market_plugin, make_market_version
from support.people import make_actor
from support.selling import Shop, ThatInstance, plugin_report

pytestmark = pytest.mark.anyio

OPERATOR = make_actor(permissions=["marketplace.manage"], name="Operator")
OWNER = make_actor(permissions=Role.PUBLISHER.permissions, name="Owner", user_id=uuid7())
RIVAL = make_actor(permissions=Role.PUBLISHER.permissions, name="Rival", user_id=uuid7())
WHY = {"reason": "It is about another plugin."}


async def reviewed(shop: Shop) -> UUID:
    """A plugin of OWNER that somebody has reviewed."""
    await make_market_plugin(shop.database, "owner.crm", owner_id=OWNER.user_id)
    await make_market_version(shop.database, "owner.crm")
    one = ThatInstance()
    await shop.beat(one, plugins=[plugin_report("owner.crm")])
    said = {"plugin": "owner.crm", "user": "a" * 32, "name": "Ann", "stars": 1, "text": "It burns."}
    return UUID((await shop.ask(one, "review", **said))["id"])


async def listed(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    page = await shop.selling.reports.page(OPERATOR, ReportQuery.of(query))
    assert page["total"] == len(page["items"])
    items: list[dict[str, Any]] = page["items"]
    return items


async def test_a_report_waits_until_the_operator_has_looked(each_shop: Shop) -> None:
    review_id, reports = await reviewed(each_shop), each_shop.selling.reports
    assert await listed(each_shop) == []
    await reports.report(OWNER, review_id, WHY)
    [item] = await listed(each_shop)
    assert (item["id"], item["reports"][0]["reason"], item["reports"][0]["by"]) == (
        str(review_id),
        WHY["reason"],
        "Owner",
    )
    await reports.settle(OPERATOR, review_id)
    assert await listed(each_shop) == []
    assert [(one["hidden"], one["reports"]) for one in await listed(each_shop, which="all")] == [(False, [])]


async def test_what_readers_report_waits_too(shop: Shop) -> None:
    review_id = await reviewed(shop)
    await shop.ask(ThatInstance(), "report-review", review=str(review_id), reason="It is rude.")
    [item] = await listed(shop)
    assert [report["reason"] for report in item["reports"]] == ["It is rude."]


async def test_hidden_ones_are_found(shop: Shop) -> None:
    review_id = await reviewed(shop)
    assert await listed(shop, which="hidden") == []
    await shop.selling.reviews.hide(OPERATOR, review_id, WHY)
    [item] = await listed(shop, which="hidden", search="BURNS")
    assert item["hidden_reason"] == WHY["reason"]
    assert await listed(shop, which="hidden", search="other") == []


async def test_only_the_publisher_of_the_plugin_objects(shop: Shop) -> None:
    review_id, reports = await reviewed(shop), shop.selling.reports
    for actor in (RIVAL, OPERATOR, make_actor(permissions=[], user_id=OWNER.user_id)):
        with pytest.raises(ReviewNotFound):
            await reports.report(actor, review_id, WHY)
    with pytest.raises(ReviewNotFound):
        await reports.report(OWNER, uuid7(), WHY)
    with pytest.raises(InvalidInput):
        await reports.report(OWNER, review_id, {"reason": ""})
    assert await listed(shop) == []


async def test_only_the_operator_looks(shop: Shop) -> None:
    review_id = await reviewed(shop)
    with pytest.raises(PermissionDenied):
        await shop.selling.reports.page(OWNER, ReportQuery())
    with pytest.raises(PermissionDenied):
        await shop.selling.reports.settle(OWNER, review_id)
