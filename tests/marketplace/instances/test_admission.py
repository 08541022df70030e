"""Who asks: each request is signed, counted, and taken once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from rising_bsm.marketplace.instances.admission import NEW_PER_HOUR, Caller
from rising_bsm.marketplace.instances.census import FORGOTTEN_AFTER
from rising_bsm.marketplace.instances.errors import Replayed, TooManyAttempts
from rising_bsm.marketplace.instances.schema import Asked, Url, is_for_trying
from rising_bsm.marketplace.instances.tables import KnownInstance
from support.selling import Shop, ThatInstance, plugin_report
from support.travel import START, at

pytestmark = pytest.mark.anyio


async def known(shop: Shop) -> list[KnownInstance]:
    async with shop.database.reading() as session:
        return list((await session.scalars(select(KnownInstance).order_by(KnownInstance.id))).all())


async def test_an_instance_is_known_by_its_key_from_its_first_request_on(each_shop: Shop) -> None:
    one, admit = ThatInstance(), each_shop.selling.instances.admit
    with at(START):
        first = await admit(one.sign("heartbeat", {"a": 1}), "heartbeat", "192.0.2.1")
    with at(START + timedelta(hours=1)):
        second = await admit(one.sign("heartbeat", {}, seq=10**12), "heartbeat")

    assert first == Caller(first.instance_id, one.key, first.wrap_key, 1, {"a": 1}, "192.0.2.1")
    assert second.instance_id == first.instance_id
    (row,) = await known(each_shop)
    assert (row.key, row.key_id, row.last_seq) == (one.key, one.signing.public_key.key_id, 10**12)
    assert row.last_seen == START + timedelta(hours=1)


@pytest.mark.parametrize("seq", [1, 2, 5])
async def test_numbers_only_rise(each_shop: Shop, seq: int) -> None:
    one, admit = ThatInstance(), each_shop.selling.instances.admit
    await admit(one.sign("heartbeat", {}, seq=5), "heartbeat")
    with pytest.raises(Replayed) as refusal:
        await admit(one.sign("heartbeat", {}, seq=seq), "heartbeat")
    assert refusal.value.code == "instance.replayed"
    await admit(one.sign("heartbeat", {}, seq=6), "heartbeat")


async def test_the_numbers_of_instances_have_nothing_to_do_with_each_other(shop: Shop) -> None:
    for _ in range(2):
        await shop.selling.instances.admit(ThatInstance().sign("heartbeat", {}, seq=5), "heartbeat")


async def test_one_request_sent_many_times_at_once_is_taken_once(each_shop: Shop) -> None:
    one, admit = ThatInstance(), each_shop.selling.instances.admit
    for _ in range(2):  # of an instance that is new, and of one that is known
        request = one.sign("heartbeat", {})
        results = await asyncio.gather(*(admit(request, "heartbeat") for _ in range(12)), return_exceptions=True)
        assert [type(result) for result in results].count(Caller) == 1
        assert [type(result) for result in results].count(Replayed) == 11


async def test_a_network_brings_so_many_new_instances_an_hour(shop: Shop) -> None:
    admit, old = shop.selling.instances.admit, ThatInstance()
    with at(START):
        await admit(old.sign("heartbeat", {}), "heartbeat", "192.0.2.1")
        for _ in range(NEW_PER_HOUR - 1):
            await admit(ThatInstance().sign("heartbeat", {}), "heartbeat", "192.0.2.1")
        with pytest.raises(TooManyAttempts):
            await admit(ThatInstance().sign("heartbeat", {}), "heartbeat", "192.0.2.1")
        await admit(old.sign("heartbeat", {}), "heartbeat", "192.0.2.1")
        await admit(ThatInstance().sign("heartbeat", {}), "heartbeat", "192.0.2.2")
    with at(START + timedelta(hours=1)):
        await admit(ThatInstance().sign("heartbeat", {}), "heartbeat", "192.0.2.1")


async def test_instances_that_are_gone_for_long_are_forgotten_unless_something_is_kept(each_shop: Shop) -> None:
    gone, licensed, reviewer, recent = (ThatInstance() for _ in range(4))
    with at(START):
        await each_shop.beat(gone, plugins=[plugin_report()])
        await each_shop.activate(licensed, await each_shop.sell())
        await each_shop.beat(reviewer, plugins=[plugin_report()])
        said = {"plugin": "acme.loyalty", "user": "ab" * 16, "name": "Ann", "stars": 5}
        await each_shop.ask(reviewer, "review", **said)
    with at(START + timedelta(days=1)):
        await each_shop.beat(recent)
    with at(START + FORGOTTEN_AFTER + timedelta(hours=1)):
        await each_shop.selling.census.recount()

    assert {row.key for row in await known(each_shop)} == {licensed.key, reviewer.key, recent.key}


@pytest.mark.parametrize(
    ("url", "trying"),
    [
        ("http://localhost", True),
        ("https://LOCALHOST:8443/x", True),
        ("http://a.localhost", True),
        ("http://crm.test", True),
        ("http://test", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8000", True),
        ("http://localhost.", True),
        ("https://localhost.example.org", False),
        ("https://mytest", False),
        ("https://test.example.org", False),
        ("https://crm.example.org/?x=localhost", False),
        ("https://localhost@crm.example.org", False),
        ("http://10.0.0.1", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_addresses_that_nobody_works_at(url: str, trying: bool) -> None:
    assert is_for_trying(url) == trying


class _Said(Asked):
    url: Url


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://crm.example.org:8443/app", "https://crm.example.org:8443/app"),
        ("https://user:secret@crm.example.org", "https://crm.example.org"),
        ("https://crm.example.org/?token=secret#secret", "https://crm.example.org/"),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
        ("crm.example.org", ""),
        ("", ""),
    ],
)
def test_what_is_kept_of_an_address_is_no_secret(said: str, kept: str) -> None:
    assert _Said.of({"url": said}).url == kept
