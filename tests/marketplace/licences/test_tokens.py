"""Download tokens: one version, one instance, five minutes, once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import iso
from rising_bsm.errors import Conflict, InvalidInput, NotFound
from rising_bsm.licensing.content import new_content_key, unwrap
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.content_keys import seal_content_key
from rising_bsm.marketplace.licences.tables import DownloadToken
from rising_bsm.marketplace.licences.tokens import TokenRefused
from support.market import make_market_plugin, make_market_version
from support.selling import PLUGIN, Shop, ThatInstance, at_once
from support.travel import START, at

pytestmark = pytest.mark.anyio


async def licensed(shop: Shop, **draft: Any) -> ThatInstance:
    """An instance with a licence."""
    one = ThatInstance()
    await shop.activate(one, await shop.sell(**draft))
    return one


async def token_of(shop: Shop, who: ThatInstance, version: str = "1.0.0") -> str:
    return str((await shop.ask(who, "token", plugin=PLUGIN, version=version))["token"])


async def test_a_token_is_redeemed_for_the_version_and_its_key(each_shop: Shop) -> None:
    content_key = new_content_key()
    sealed = seal_content_key(each_shop.cipher, PLUGIN, "1.1.0", content_key)
    await make_market_version(each_shop.database, PLUGIN, "1.1.0", encrypted=True, content_key=sealed)
    one, other = await licensed(each_shop), ThatInstance()

    given = await each_shop.ask(one, "redeem", token=await token_of(each_shop, one, "1.1.0"))

    about = {"licence": given["license"], "plugin": PLUGIN, "version": "1.1.0"}
    assert (given["blob_sha256"], given["blob_size"], given["bundle_sha256"]) == ("c" * 64, 1036, "b" * 64)
    assert unwrap(given["content_key"], one.wrapping, **about) == content_key
    for private, changes in (
        (other.wrapping, {}),
        (one.wrapping, {"version": "1.0.0"}),
        (one.wrapping, {"licence": "x"}),
    ):
        with pytest.raises(InvalidInput):
            unwrap(given["content_key"], private, **(about | changes))


async def test_a_version_in_the_clear_has_no_key(shop: Shop) -> None:
    one = await licensed(shop)
    assert (await shop.ask(one, "redeem", token=await token_of(shop, one)))["content_key"] is None


async def test_twenty_clients_at_once_are_served_once(each_shop: Shop) -> None:
    one = await licensed(each_shop)
    token = await token_of(each_shop, one)
    callers = [await each_shop.admitted(one, "redeem", token=token) for _ in range(20)]
    results = await at_once(each_shop, callers, lambda selling: selling.tokens.redeem)

    served = [result for result in results if not isinstance(result, BaseException)]
    assert len(served) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {TokenRefused}


async def test_a_token_lasts_five_minutes(shop: Shop) -> None:
    with at(START):
        one = await licensed(shop)
        answer = await shop.ask(one, "token", plugin=PLUGIN, version="1.0.0")
        late = await token_of(shop, one)
    assert answer["expires_at"] == iso(START + timedelta(minutes=5))
    with at(START + timedelta(minutes=5, seconds=-1)):
        await shop.ask(one, "redeem", token=answer["token"])
    with at(START + timedelta(minutes=5)), pytest.raises(TokenRefused):
        await shop.ask(one, "redeem", token=late)


async def test_a_stolen_token_is_of_no_use_and_still_good_for_its_owner(each_shop: Shop) -> None:
    one, thief = await licensed(each_shop), await licensed(each_shop)
    token = await token_of(each_shop, one)
    answers = []
    for given in (token, "A" * 22, "", "\u2603"):
        with pytest.raises((TokenRefused, InvalidInput)) as refusal:
            await each_shop.ask(thief, "redeem", token=given)
        answers.append(refusal.value.as_dict())
    assert answers[0] == answers[1] == answers[3]

    assert await each_shop.ask(one, "redeem", token=token)
    with pytest.raises(TokenRefused) as refusal:
        await each_shop.ask(one, "redeem", token=token)
    assert refusal.value.as_dict() == answers[0]


async def test_a_token_has_128_bits_and_only_its_digest_is_kept(shop: Shop) -> None:
    one = await licensed(shop)
    tokens = {await token_of(shop, one) for _ in range(5)}
    assert len(tokens) == 5
    assert all(re.fullmatch("[A-Za-z0-9_-]{22}", token) for token in tokens)
    async with shop.database.reading() as session:
        rows = str([dict(row) for row in (await session.execute(select(DownloadToken.__table__))).mappings()])
    assert not any(token in rows for token in tokens)


@pytest.mark.parametrize("who", ["nobody", "released", "silent and replaced"])
async def test_without_a_seat_there_is_no_token(shop: Shop, who: str) -> None:
    one = ThatInstance()
    with at(START):
        sold = await shop.sell()
        if who != "nobody":
            await shop.activate(one, sold)
    with at(START + timedelta(days=4)):
        if who == "released":
            await shop.ask(one, "release", license=str(sold.licence.id))
        elif who != "nobody":
            await shop.activate(ThatInstance(), sold)
        with pytest.raises(Conflict) as refusal:
            await token_of(shop, one)
    assert refusal.value.code == "license.no_machine"


async def test_a_licence_for_another_plugin_is_none_for_this_one(shop: Shop) -> None:
    await make_market_plugin(shop.database, "acme.other")
    await make_market_version(shop.database, "acme.other")
    one = await licensed(shop)
    with pytest.raises(Conflict) as refusal:
        await shop.ask(one, "token", plugin="acme.other", version="1.0.0")
    assert refusal.value.code == "license.no_machine"


@pytest.mark.parametrize(("verb", "code"), [("suspend", "license.suspended"), ("revoke", "license.revoked")])
async def test_a_licence_that_was_stopped_downloads_nothing(shop: Shop, verb: str, code: str) -> None:
    one, sold = ThatInstance(), await shop.sell()
    await shop.activate(one, sold)
    token = await token_of(shop, one)
    await getattr(shop.selling.sales, verb)(SYSTEM, sold.licence.id, {"reason": "Not paid."})
    for action, fields in (("redeem", {"token": token}), ("token", {"plugin": PLUGIN, "version": "1.0.0"})):
        with pytest.raises(Conflict) as refusal:
            await shop.ask(one, action, **fields)
        assert refusal.value.code == code


async def test_a_trial_that_is_over_does_not_stand_in_the_way_of_a_licence(shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        await shop.ask(one, "trial", plugin=PLUGIN)
        await token_of(shop, one)
    with at(START + timedelta(days=20)):
        with pytest.raises(Conflict) as refusal:
            await token_of(shop, one)
        assert refusal.value.code == "license.expired"
        sold = await shop.sell()
        await shop.activate(one, sold)
        given = await shop.ask(one, "redeem", token=await token_of(shop, one))
    assert given["license"] == str(sold.licence.id)


@pytest.mark.parametrize("status", [VersionStatus.APPROVED, VersionStatus.SUSPENDED, VersionStatus.REVOKED])
async def test_what_is_not_to_be_had_is_not_downloaded(shop: Shop, status: VersionStatus) -> None:
    one = await licensed(shop)
    token = await token_of(shop, one)
    async with shop.database.transaction() as session:
        await session.execute(update(MarketVersion).values(status=status))
    for action, fields in (("redeem", {"token": token}), ("token", {"plugin": PLUGIN, "version": "1.0.0"})):
        with pytest.raises(NotFound) as refusal:
            await shop.ask(one, action, **fields)
        assert refusal.value.code == "token.no_such_version"


async def test_a_free_plugin_needs_no_token(shop: Shop) -> None:
    await make_market_plugin(shop.database, "acme.free", pricing="free")
    await make_market_version(shop.database, "acme.free")
    with pytest.raises(Conflict) as refusal:
        await shop.ask(ThatInstance(), "token", plugin="acme.free", version="1.0.0")
    assert refusal.value.code == "token.not_needed"


async def test_tokens_that_are_over_are_forgotten(shop: Shop) -> None:
    with at(START):
        one = await licensed(shop)
        await token_of(shop, one)
    with at(START + timedelta(minutes=11)):
        await token_of(shop, one)
    async with shop.database.reading() as session:
        assert len((await session.scalars(select(DownloadToken))).all()) == 1
