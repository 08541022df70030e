import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.errors import Error, NotFound, PermissionDenied
from rising_bsm.plugins.keys import KeyIsTrusted
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio

KEY = str(make_key(7).public_key)


async def test_a_trusted_key_is_listed_until_it_is_distrusted(on_each_database: Instance) -> None:
    keys = on_each_database.keys
    actor = make_actor()

    await keys.trust(actor, {"publisher": "zeta", "public_key": KEY})

    told = [key.as_dict() | {"added_at": ""} for key in await keys.list(SYSTEM)]
    assert [key["publisher"] for key in told] == ["acme", "zeta"]
    assert told[1] == {
        "key_id": make_key(7).public_key.key_id,
        "publisher": "zeta",
        "public_key": KEY,
        "added_by": str(actor.user_id),
        "added_at": "",
        "source": "person",
    }
    await keys.distrust(SYSTEM, told[1]["key_id"])
    assert len(await keys.list(SYSTEM)) == 1


@pytest.mark.parametrize("publisher", ["acme", "other"])
async def test_a_key_is_for_one_publisher_once(on_each_database: Instance, publisher: str) -> None:
    with pytest.raises(KeyIsTrusted):
        await on_each_database.keys.trust(SYSTEM, {"publisher": publisher, "public_key": str(make_key().public_key)})


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({}, "keys.invalid"),
        ([], "keys.invalid"),
        ({"publisher": "Acme", "public_key": KEY}, "keys.invalid"),
        ({"publisher": "acme.x", "public_key": KEY}, "keys.invalid"),
        ({"publisher": "a" * 41, "public_key": KEY}, "keys.invalid"),
        ({"publisher": "acme", "public_key": 7}, "keys.invalid"),
        ({"publisher": "acme", "public_key": KEY, "more": 1}, "keys.invalid"),
        ({"publisher": "acme", "public_key": "rbsm-ed25519:AAAA"}, None),
        ({"publisher": "acme", "public_key": "rbsm-ed25519:" + "A" * 43 + "="}, None),
        ({"publisher": "acme", "public_key": KEY.replace("rbsm", "ssh")}, None),
    ],
)
async def test_what_is_no_key_is_not_trusted(instance: Instance, draft: object, code: str | None) -> None:
    with pytest.raises(Error) as refusal:
        await instance.keys.trust(SYSTEM, draft)

    assert refusal.value.code == code or (code is None and refusal.value.code.startswith("key."))
    assert len(await instance.keys.list(SYSTEM)) == 1


async def test_only_who_manages_plugins_manages_keys(instance: Instance) -> None:
    manager = make_actor(permissions=["users.manage", "customers.read"])

    for attempt in (
        instance.keys.list(manager),
        instance.keys.trust(manager, {"publisher": "acme", "public_key": KEY}),
        instance.keys.distrust(manager, make_key().public_key.key_id),
    ):
        with pytest.raises(PermissionDenied):
            await attempt
    assert len(await instance.keys.list(SYSTEM)) == 1


async def test_a_key_nobody_trusted_cannot_be_distrusted(instance: Instance) -> None:
    with pytest.raises(NotFound):
        await instance.keys.distrust(SYSTEM, "0" * 64)


async def test_a_key_signs_for_its_publisher_only(instance: Instance, pool: Pool) -> None:
    await instance.trust("other", key=make_key(7))

    for publisher, key, code in (
        ("acme", make_key(7), "bundle.key_of_other_publisher"),
        ("other", make_key(), "bundle.key_of_other_publisher"),
    ):
        with pytest.raises(Error) as refusal:
            await instance.plugins.install(SYSTEM, await make_signed_plugin(pool, publisher=publisher, key=key))
        assert refusal.value.code == code
