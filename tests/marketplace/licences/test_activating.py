"""Keys become licences on instances, as many as there are seats."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from rising_bsm.accounts import SYSTEM
from rising_bsm.db import Database
from rising_bsm.errors import Conflict, InvalidInput, NotFound
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.licensing.licence import LEASE
from rising_bsm.marketplace.instances.attempts import TooManyAttempts
from rising_bsm.marketplace.licences.errors import LicenceNotFound, TooManyMachines, TooManyMoves
from rising_bsm.marketplace.licences.schema import Activate
from rising_bsm.marketplace.licences.service import PER_INSTANCE, PER_NETWORK
from rising_bsm.marketplace.licences.tables import Activation
from support.market import make_market_plugin
from support.selling import NONCE, PLUGIN, Shop, ThatInstance, at_once
from support.travel import START, at

pytestmark = pytest.mark.anyio
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def stays(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Activation)) or 0


async def test_a_key_is_answered_with_a_licence_for_that_instance_alone(shop: Shop) -> None:
    one, other = ThatInstance(), ThatInstance()
    sold = await shop.sell(type="premium", limits={"customers": 500}, entitlements=["export"], max_installs=2)
    with at(START):
        answer = await shop.ask(one, "activate", plugin=PLUGIN, key=sold.key.text, nonce=NONCE)

    licence = one.opened(answer)
    assert (licence.id, licence.type, licence.holder) == (sold.licence.id, "premium", "Example GmbH")
    assert (licence.limits, licence.entitlements, licence.max_installs) == ({"customers": 500}, ("export",), 2)
    assert (licence.issued_at, licence.valid_until) == (START, START + LEASE)
    assert (licence.nonce, licence.seq, licence.instance) == (NONCE, one.seq, one.key)
    with pytest.raises(InvalidInput) as refusal:
        other.opened(answer)
    assert refusal.value.code == "license.other_instance"


async def test_activating_again_takes_no_other_seat(each_shop: Shop) -> None:
    one, sold = ThatInstance(), await each_shop.sell()
    for _ in range(3):
        await each_shop.activate(one, sold)
    assert await stays(each_shop.database) == 1


async def test_a_key_is_understood_however_it_is_typed(shop: Shop) -> None:
    sold = await shop.sell()
    await shop.ask(ThatInstance(), "activate", plugin=PLUGIN, key=sold.key.text.lower().replace("-", " "))


async def test_fifty_instances_at_once_share_three_seats(each_shop: Shop) -> None:
    sold = await each_shop.sell(max_installs=3)
    crowd = [ThatInstance() for _ in range(50)]
    callers = [await each_shop.admitted(one, "activate", plugin=PLUGIN, key=sold.key.text) for one in crowd]
    results = await at_once(each_shop, callers, lambda selling: selling.leases.activate)

    got = [one for one, result in zip(crowd, results, strict=True) if not isinstance(result, BaseException)]
    assert len(got) == 3
    assert {type(result) for result in results if isinstance(result, BaseException)} == {TooManyMachines}
    assert await stays(each_shop.database) == 3
    assert [await each_shop.said_of(one, sold) for one in got] == ["VALID"] * 3


async def test_one_instance_that_asks_ten_times_at_once_takes_one_seat(each_shop: Shop) -> None:
    one, sold = ThatInstance(), await each_shop.sell(max_installs=5)
    callers = [await each_shop.admitted(one, "activate", plugin=PLUGIN, key=sold.key.text) for _ in range(10)]

    results = await at_once(each_shop, callers, lambda selling: selling.leases.activate)

    assert not any(isinstance(result, BaseException) for result in results)
    assert await stays(each_shop.database) == 1


async def test_every_key_that_does_not_fit_gets_the_same_answer(shop: Shop) -> None:
    await make_market_plugin(shop.database, "other.plugin")
    foreign = await shop.sell(plugin="other.plugin")
    typed_wrong = foreign.key.text[:-1] + ("0" if foreign.key.text[-1] != "0" else "1")
    answers = []
    for key in (LicenceKey.new().text, foreign.key.text, typed_wrong, "nonsense", "RBSM-" * 12):
        with pytest.raises(LicenceNotFound) as refusal:
            await shop.ask(ThatInstance(), "activate", plugin=PLUGIN, key=key)
        answers.append(refusal.value.as_dict())
    with pytest.raises(LicenceNotFound) as refusal:
        await shop.ask(ThatInstance(), "activate", plugin="no.such", key=foreign.key.text)
    answers.append(refusal.value.as_dict())
    assert all(answer == answers[0] for answer in answers)


async def test_an_instance_may_guess_a_few_times_an_hour(shop: Shop) -> None:
    sold, guesser = await shop.sell(), ThatInstance()

    async def guess(who: ThatInstance, network: str = "") -> None:
        with pytest.raises(LicenceNotFound):
            await shop.ask(who, "activate", network, plugin=PLUGIN, key=LicenceKey.new().text)

    with at(START):
        for _ in range(PER_INSTANCE):
            await guess(guesser)
        with pytest.raises(TooManyAttempts) as refusal:
            await shop.activate(guesser, sold)
    assert refusal.value.retry_after == 3600
    with at(START + HOUR):
        await shop.activate(guesser, sold)


async def test_a_network_may_guess_a_few_times_more(shop: Shop) -> None:
    sold = await shop.sell()
    for _ in range(PER_NETWORK):
        with pytest.raises(LicenceNotFound):
            await shop.ask(ThatInstance(), "activate", "192.0.2.1", plugin=PLUGIN, key=LicenceKey.new().text)
    right = {"plugin": PLUGIN, "key": sold.key.text}
    with pytest.raises(TooManyAttempts):
        await shop.ask(ThatInstance(), "activate", "192.0.2.1", **right)
    await shop.ask(ThatInstance(), "activate", "192.0.2.2", **right)


@pytest.mark.parametrize(("verb", "code"), [("suspend", "license.suspended"), ("revoke", "license.revoked")])
async def test_a_licence_that_was_stopped_is_not_activated(shop: Shop, verb: str, code: str) -> None:
    sold = await shop.sell()
    await getattr(shop.selling.sales, verb)(SYSTEM, sold.licence.id, {"reason": "Not paid."})
    with pytest.raises(Conflict, match="Not paid") as refusal:
        await shop.activate(ThatInstance(), sold)
    assert refusal.value.code == code
    assert await stays(shop.database) == 0


async def test_a_licence_that_has_ended_is_not_activated(shop: Shop) -> None:
    with at(START):
        sold = await shop.sell(expires_at="2026-03-02T12:00:00Z")
    with at(START + DAY - timedelta(seconds=1)):
        await shop.activate(ThatInstance(), sold)
    with at(START + DAY), pytest.raises(Conflict) as refusal:
        await shop.activate(ThatInstance(), sold)
    assert refusal.value.code == "license.expired"


async def test_a_released_seat_is_anybodys_and_the_licence_is_gone_there(each_shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    sold = await each_shop.sell()
    await each_shop.activate(one, sold)
    with pytest.raises(TooManyMachines):
        await each_shop.activate(two, sold)
    assert await each_shop.ask(one, "release", license=str(sold.licence.id)) == {}
    assert await each_shop.ask(one, "release", license=str(sold.licence.id)) == {}

    await each_shop.activate(two, sold)

    assert await each_shop.said_of(one, sold) == "NO_MACHINE"
    assert await each_shop.said_of(two, sold) == "VALID"


async def test_nobody_releases_the_seat_of_another(shop: Shop) -> None:
    one, thief = ThatInstance(), ThatInstance()
    sold = await shop.sell()
    await shop.activate(one, sold)
    for licence in (str(sold.licence.id), "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound) as refusal:
            await shop.ask(thief, "release", license=licence)
        assert refusal.value.code == "license.not_found"
    assert await shop.said_of(one, sold) == "VALID"


async def test_a_seat_that_was_silent_for_three_days_is_free(each_shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    with at(START):
        sold = await each_shop.sell()
        await each_shop.activate(one, sold)
    with at(START + 72 * HOUR - timedelta(seconds=1)), pytest.raises(TooManyMachines):
        await each_shop.activate(two, sold)
    with at(START + 72 * HOUR):
        await each_shop.activate(two, sold)
        assert await each_shop.said_of(one, sold) == "NO_MACHINE"
        with pytest.raises(TooManyMachines):
            await each_shop.activate(one, sold)


async def test_a_silent_seat_comes_back_by_itself_as_long_as_nobody_has_it(each_shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        sold = await each_shop.sell()
        await each_shop.activate(one, sold)
    with at(START + 30 * DAY):
        assert await each_shop.said_of(one, sold) == "VALID"
        assert await stays(each_shop.database) == 1
        with pytest.raises(TooManyMachines):
            await each_shop.activate(ThatInstance(), sold)


async def test_a_heartbeat_keeps_the_seat(shop: Shop) -> None:
    one = ThatInstance()
    with at(START):
        sold = await shop.sell()
        await shop.activate(one, sold)
    for days in (2, 4, 6):
        with at(START + days * DAY):
            assert await shop.said_of(one, sold) == "VALID"
    with at(START + 8 * DAY), pytest.raises(TooManyMachines):
        await shop.activate(ThatInstance(), sold)


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://crm.test/", "http://127.0.0.1:9", "http://[::1]"])
async def test_instances_for_trying_things_out_take_no_seat(shop: Shop, url: str) -> None:
    sold = await shop.sell()
    await shop.activate(ThatInstance(), sold, url=url)
    await shop.activate(ThatInstance(), sold, staging=True)
    await shop.activate(ThatInstance(), sold, url="https://crm.example.org/")
    with pytest.raises(TooManyMachines):
        await shop.activate(ThatInstance(), sold, url="https://localhost.example.org/")


async def test_there_is_an_end_to_trying_things_out(shop: Shop) -> None:
    sold = await shop.sell()
    crowd = [ThatInstance() for _ in range(11)]
    for one in crowd[:10]:
        await shop.activate(one, sold, staging=True)
    with pytest.raises(TooManyMachines):
        await shop.activate(crowd[10], sold, staging=True)
    await shop.activate(crowd[10], sold)


async def test_an_instance_that_is_in_earnest_takes_a_seat(each_shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    sold = await each_shop.sell()
    await each_shop.activate(one, sold, staging=True)
    await each_shop.activate(two, sold)
    with pytest.raises(TooManyMachines):
        await each_shop.activate(one, sold)
    assert await each_shop.said_of(one, sold) == "VALID"  # still there for trying things out
    await each_shop.activate(two, sold, staging=True)
    await each_shop.activate(one, sold)


async def moved(shop: Shop, sold: object, one: ThatInstance, other: ThatInstance) -> None:
    await shop.ask(one, "release", license=str(sold.licence.id))  # type: ignore[attr-defined]
    await shop.activate(other, sold)  # type: ignore[arg-type]


async def test_a_seat_moves_three_times_a_year(each_shop: Shop) -> None:
    crowd = [ThatInstance() for _ in range(5)]
    with at(START):
        sold = await each_shop.sell()
        await each_shop.activate(crowd[0], sold)
    for hour in range(3):
        with at(START + hour * HOUR):
            await moved(each_shop, sold, crowd[hour], crowd[hour + 1])
    with at(START + 3 * HOUR), pytest.raises(TooManyMoves):
        await moved(each_shop, sold, crowd[3], crowd[4])
    with at(START + DAY):
        await each_shop.activate(crowd[3], sold)  # back where it was last: no move
    with at(START + 364 * DAY), pytest.raises(TooManyMoves):
        await moved(each_shop, sold, crowd[3], crowd[0])
    with at(START + 366 * DAY):
        await each_shop.activate(crowd[0], sold)


async def test_two_instances_do_not_pass_one_seat_to_and_fro(shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    sold = await shop.sell()
    await shop.activate(one, sold)
    for pair in ((one, two), (two, one), (one, two)):
        await moved(shop, sold, *pair)
    with pytest.raises(TooManyMoves):
        await moved(shop, sold, two, one)


async def test_two_instances_do_not_take_turns_in_being_silent(shop: Shop) -> None:
    pair, sold = (ThatInstance(), ThatInstance()), await shop.sell()
    for turn in range(4):
        with at(START + turn * 4 * DAY):
            await shop.activate(pair[turn % 2], sold)
    with at(START + 16 * DAY), pytest.raises(TooManyMoves):
        await shop.activate(pair[0], sold)


async def test_installing_again_is_no_move(shop: Shop) -> None:
    one, two = ThatInstance(), ThatInstance()
    sold = await shop.sell(max_installs=2)
    await shop.activate(one, sold)
    await shop.activate(two, sold)
    for _ in range(5):
        await shop.ask(one, "release", license=str(sold.licence.id))
        await shop.activate(one, sold)


async def test_whoever_lost_an_instance_moves_its_seat_here(each_shop: Shop) -> None:
    lost, here = ThatInstance(), ThatInstance()
    sold = await each_shop.sell()
    await each_shop.activate(lost, sold)
    with pytest.raises(TooManyMachines):
        await each_shop.activate(here, sold)

    await each_shop.activate(here, sold, move=True)

    assert await each_shop.said_of(lost, sold) == "NO_MACHINE"
    assert await each_shop.said_of(here, sold) == "VALID"
    for turn in range(2):
        await each_shop.activate((lost, here)[turn % 2], sold, move=True)
    with pytest.raises(TooManyMoves):
        await each_shop.activate(lost, sold, move=True)
    assert await each_shop.said_of(here, sold) == "VALID"


@pytest.mark.parametrize(
    "fields",
    [
        {"key": 7},
        {"key": ""},
        {"plugin": "../etc"},
        {"staging": "yes"},
        {"url": "x" * 301},
        {"url": "http://a\nb"},
        {"nonce": "short"},
        {"move": 1},
    ],
)
def test_fields_that_are_wrong_are_named(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Activate.of({"plugin": PLUGIN, "key": "RBSM-"} | fields)
    assert refusal.value.code == "instance.invalid"
    assert list(refusal.value.fields) == list(fields)
