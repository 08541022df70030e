"""Bundles that somebody has brought, before they are installed."""

from pathlib import Path

import pytest

from rising_bsm.accounts import SYSTEM
from rising_bsm.bundle import BundleError
from rising_bsm.bundle.claim import read_claim
from rising_bsm.errors import InvalidInput, NotFound, PermissionDenied
from rising_bsm.plugins.arrivals import KEPT_FILES, Arrivals
from rising_bsm.sandbox import Pool
from support.bundles import make_bundle, make_key, make_signed_bundle
from support.people import make_actor
from support.plugins import Instance, make_signed_plugin

pytestmark = pytest.mark.anyio


@pytest.fixture
def arrivals(instance: Instance, tmp_path: Path) -> Arrivals:
    return Arrivals(instance.database, instance.plugins, tmp_path / "arrivals")


async def test_a_bundle_of_a_stranger_says_who_it_is_and_is_not_opened(arrivals: Arrivals) -> None:
    digest = await arrivals.receive(SYSTEM, make_signed_bundle(key=make_key(7)))
    arrival = await arrivals.look(SYSTEM, digest)

    assert (arrival.claim.plugin_id, arrival.claim.version, arrival.claim.publisher) == ("acme.hello", "1.0.0", "acme")
    assert arrival.claim.key_id == make_key(7).public_key.key_id
    assert (arrival.manifest, arrival.refused and arrival.refused.code) == (None, "bundle.untrusted_key")


async def test_what_is_agreed_to_is_installed_and_the_file_goes(
    instance: Instance, arrivals: Arrivals, pool: Pool
) -> None:
    optional = [{"code": "requests.read", "reason": "To count them."}]
    digest = await arrivals.receive(SYSTEM, await make_signed_plugin(pool, optional_permissions=optional))
    arrival = await arrivals.look(SYSTEM, digest)
    assert (arrival.refused, arrival.asks, arrival.installed) == (None, None, None)
    assert arrival.manifest is not None
    assert await instance.plugins.list(SYSTEM) == []

    plugin = await arrivals.install(SYSTEM, digest, ["requests.read"])
    assert plugin.grants == ["customers.read", "requests.read"]
    with pytest.raises(NotFound) as gone:
        await arrivals.look(SYSTEM, digest)
    assert gone.value.code == "plugins.bundle_gone"


async def test_a_newer_version_says_what_it_asks_for_in_addition(
    instance: Instance, arrivals: Arrivals, pool: Pool
) -> None:
    await instance.plugins.install(SYSTEM, await make_signed_plugin(pool))
    newer = await make_signed_plugin(pool, version="1.1.0", permissions=("customers.read", "requests.read"))
    digest = await arrivals.receive(SYSTEM, newer)

    arrival = await arrivals.look(SYSTEM, digest)
    assert arrival.installed is not None
    assert arrival.asks == {"requests.read": "A test needs it."}
    with pytest.raises(InvalidInput) as refused:
        await arrivals.install(SYSTEM, digest)
    assert refused.value.code == "plugins.new_permissions"
    assert (await arrivals.install(SYSTEM, digest, ["requests.read"])).version == "1.1.0"


async def test_a_version_that_is_not_newer_is_refused_before_anybody_agrees(
    instance: Instance, arrivals: Arrivals, pool: Pool
) -> None:
    bundle = await make_signed_plugin(pool)
    await instance.plugins.install(SYSTEM, bundle)
    arrival = await arrivals.look(SYSTEM, await arrivals.receive(SYSTEM, bundle))
    assert arrival.refused is not None
    assert arrival.refused.code == "plugins.downgrade"


@pytest.mark.parametrize("data", [b"", b"PK", make_bundle()], ids=["nothing", "no archive", "unsigned"])
async def test_what_is_no_signed_bundle_is_not_kept(arrivals: Arrivals, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BundleError):
        await arrivals.receive(SYSTEM, data)
    assert not (tmp_path / "arrivals").exists()


async def test_it_is_there_for_whoever_brought_it_and_for_nobody_else(arrivals: Arrivals) -> None:
    somebody, other = make_actor(), make_actor()
    digest = await arrivals.receive(somebody, make_signed_bundle())
    assert (await arrivals.look(somebody, digest)).digest == digest
    for asked in (digest, "../../secret", "0" * 64):
        with pytest.raises(NotFound):
            await arrivals.look(other, asked)
    nobody = make_actor(permissions=["customers.read"])
    for asking in (arrivals.receive(nobody, make_signed_bundle()), arrivals.look(nobody, digest)):
        with pytest.raises(PermissionDenied):
            await asking


async def test_only_so_many_are_kept(arrivals: Arrivals, tmp_path: Path) -> None:
    for seed in range(KEPT_FILES + 3):
        await arrivals.receive(SYSTEM, make_signed_bundle(key=make_key(seed + 1)))
    assert len(list((tmp_path / "arrivals").iterdir())) == KEPT_FILES


async def test_a_claim_names_the_key_that_the_signature_names(pool: Pool) -> None:
    claim = read_claim(await make_signed_plugin(pool, version="2.0.0"))
    assert claim.version == "2.0.0"
    assert claim.key_id == make_key().public_key.key_id
