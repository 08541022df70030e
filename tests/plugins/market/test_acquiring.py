"""From a marketplace to a plugin that answers; both with everything they sign."""

import asyncio
from typing import Any

import pytest

from rising_bsm.accounts import SYSTEM, ActivityLog
from rising_bsm.errors import Error, PermissionDenied
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.plugins.market.steps import STEPS
from rising_bsm.plugins.market.tables import Acquisition
from rising_bsm.sandbox import Pool
from support.bundles import make_key
from support.market_place import MarketPlace, Shopper
from support.people import make_actor
from support.plugins import make_signed_plugin

pytestmark = pytest.mark.anyio

ID = "acme.test"
PLUGIN = """
@route("GET", "/")
def version(self, ctx, request):
    return ctx.plugin.version
"""
PAID = {"pricing": {"model": "paid", "trial_days": 14}}
OF_LICENCES = ("licensed", "reserved", "token")


async def make_version(pool: Pool, version: str = "1.0.0", **changes: Any) -> bytes:
    return await make_signed_plugin(pool, PLUGIN, version=version, **changes)


def names(row: Acquisition) -> list[str]:
    return [step["name"] for step in row.steps]


def code_of(row: Acquisition) -> str | None:
    return (row.problem or {}).get("code")


async def test_a_free_plugin_is_installed_without_a_licence(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool))

    row = await shopper.install()

    assert row.problem is None
    assert (row.state, row.version) == ("done", "1.0.0")
    assert names(row) == [name for name in STEPS if name not in OF_LICENCES] + ["done"]
    assert await shopper.instance.ask() == "1.0.0"
    done = [entry.action for entry in (await ActivityLog(shopper.instance.database).list(SYSTEM)).items]
    assert {"market.install", "plugins.install", "keys.trust"} <= set(done)
    [key] = await shopper.instance.keys.list(SYSTEM)
    assert (key.publisher, key.source) == ("acme", "marketplace")


async def test_one_that_is_paid_for_takes_a_seat(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, **PAID))
    key = await market.sell()

    row = await shopper.install(license_key=key)

    assert row.problem is None
    assert names(row) == [*STEPS, "done"]
    assert row.sealed_key is None
    assert await shopper.instance.ask() == "1.0.0"
    assert await market.seats() == 1
    await shopper.instance.plugins.uninstall(SYSTEM, ID)
    assert await market.seats() == 0
    assert await shopper.side.held.find(ID) is None
    assert await shopper.instance.keys.list(SYSTEM) == []


async def test_a_trial_needs_no_key(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, **PAID))
    assert code_of(await shopper.install()) == "market.license_needed"
    row = await shopper.install(trial=True)
    assert (row.state, await shopper.instance.ask()) == ("done", "1.0.0")


REFUSED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("another key than is listed", "bundle.untrusted_key", {"key": make_key(3)}, {}),
    ("bytes that are not listed", "index.wrong_bytes", {}, {}),
    ("what needs others", "plugins.dependencies", {"dependencies": {"acme.base": ">=1"}}, {}),
    ("another host", "plugins.host_version", {"host": ">=7"}, {}),
    ("an unknown permission", "plugins.unknown_permission", {"permissions": ["customers.invent"]}, {}),
    ("what is not asked for", "plugins.not_asked_for", {}, {"grant": ["users.read"]}),
    ("one that cannot be prepared", "plugin.raised", {"methods": "\ndef on_install(self, ctx): 1 / 0"}, {}),
    ("one that does not start", "plugin.refused", {"methods": "\ndef on_activate(self, ctx): raise Refuse('No.')"}, {}),
]


@pytest.mark.parametrize(("code", "changes", "draft"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
async def test_what_fails_leaves_nothing_and_gives_the_seat_back(
    pool: Pool, market: MarketPlace, shopper: Shopper, code: str, changes: dict[str, Any], draft: dict[str, Any]
) -> None:
    methods = PLUGIN + changes.pop("methods", "")
    free = code == "index.wrong_bytes"
    bundle = await make_signed_plugin(pool, methods, **({} if free else PAID), **changes)
    await market.publish(bundle)
    market.shelf.spoiled = free
    key = {} if free else {"license_key": await market.sell()}

    row = await shopper.install(**key, **draft)

    assert (row.state, code_of(row)) == ("failed", code)
    assert row.running_for is None
    assert await shopper.instance.plugins.list(SYSTEM) == []
    assert await shopper.instance.keys.list(SYSTEM) == []
    assert await market.seats() == 0
    assert [one for one in shopper.instance.files() if one.startswith(("bundles", "code"))] == []


@pytest.mark.parametrize("status", [VersionStatus.REVOKED, VersionStatus.SUSPENDED])
async def test_what_was_taken_back_is_refused_at_once(
    pool: Pool, market: MarketPlace, shopper: Shopper, status: VersionStatus
) -> None:
    version = await market.publish(await make_version(pool))
    assert await shopper.side.index.find(ID, "1.0.0")
    await market.mark(version, status, "It told everything to everybody.")

    row = await shopper.install(version="1.0.0")

    assert code_of(row) == "plugins.condemned"
    assert "It told everything" in str(row.problem)
    assert code_of(await shopper.install()) == "market.no_version"


async def test_a_download_goes_on_where_it_broke_off(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    version = await market.publish(await make_version(pool, files={"code/big.txt": bytes(range(256)) * 40}))
    shopper.line.bytes_left = 1_500

    row = await shopper.install()

    assert row.problem is None
    assert [start for _, start in shopper.line.streamed] == [0, 1_000]
    assert version.blob_size > 2_000
    assert await shopper.instance.ask() == "1.0.0"


async def test_half_a_download_that_was_changed_is_not_believed(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    version = await market.publish(await make_version(pool))
    part = shopper.instance.folder / "market" / "downloads" / f"{version.blob_sha256}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"not the beginning of it")

    assert code_of(await shopper.install()) == "index.wrong_bytes"
    assert not part.exists()
    assert (await shopper.install()).state == "done"


async def test_what_it_needs_is_installed_first_when_asked(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, name="base"))
    await market.publish(await make_version(pool, dependencies={"acme.base": ">=1,<2"}))
    refused = await shopper.install()
    assert code_of(refused) == "plugins.dependencies"

    row = await shopper.install(with_dependencies=True)

    assert row.problem is None
    assert await shopper.instance.ask(plugin="acme.base") == "1.0.0"
    assert await shopper.instance.ask() == "1.0.0"


async def test_what_it_needs_and_is_not_there_is_named(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, name="base"))
    await market.publish(await make_version(pool, dependencies={"acme.base": ">=2"}))
    row = await shopper.install(with_dependencies=True)
    assert code_of(row) == "market.no_version"
    assert "acme.base" in str(row.problem)


async def test_the_channel_decides(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, "1.0.0"))
    await market.publish(await make_version(pool, "1.1.0"), channel="beta")
    assert (await shopper.install()).version == "1.0.0"
    await shopper.instance.plugins.uninstall(SYSTEM, ID)
    assert (await shopper.install(channel="beta")).version == "1.1.0"


async def test_an_answer_that_is_lost_leaks_no_seat(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool, **PAID))
    key = await market.sell()
    shopper.line.refuse = "/instance/activate"

    row = await shopper.install(license_key=key)

    assert (row.state, code_of(row), await market.seats()) == ("undoing", "market.unreachable", 1)
    shopper.line.refuse = None
    await shopper.acquisitions.resume()
    assert await market.seats() == 0
    assert (await shopper.acquisitions.get(SYSTEM, row.id)).state == "failed"


async def test_a_second_attempt_takes_the_seat_that_is_still_reserved(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await market.publish(await make_version(pool, **PAID))
    key = await market.sell()
    shopper.line.refuse = "/instance/activate"
    await shopper.install(license_key=key)
    shopper.line.refuse = None

    assert (await shopper.install(license_key=key)).state == "done"

    await shopper.acquisitions.resume()
    assert (await market.seats(), await shopper.instance.ask()) == (1, "1.0.0")


async def test_one_plugin_is_acquired_once_at_a_time(pool: Pool, market: MarketPlace, shopper: Shopper) -> None:
    await market.publish(await make_version(pool))
    first = await shopper.acquisitions.install(SYSTEM, {"plugin": ID})
    with pytest.raises(Error) as refusal:
        await shopper.acquisitions.install(SYSTEM, {"plugin": ID})
    assert refusal.value.code == "market.already_acquiring"
    assert (await shopper.acquisitions.ended(first.id)).state == "done"
    with pytest.raises(Error) as refusal:
        await shopper.acquisitions.install(SYSTEM, {"plugin": ID})
    assert refusal.value.code == "plugins.already_installed"


async def test_its_steps_are_told_as_they_are_taken_and_from_any_on(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await market.publish(await make_version(pool, files={"code/big.txt": bytes(range(256)) * 40}))
    row = await shopper.acquisitions.install(SYSTEM, {"plugin": ID})

    seen = [step async for step in shopper.acquisitions.watch(SYSTEM, row.id)]

    taken = [step for step in seen if step.name != "downloading"]
    assert [step.number for step in taken] == list(range(1, len(taken) + 1))
    assert (taken[-1].name, str(taken[-1].state)) == ("done", "done")
    again = [step.number async for step in shopper.acquisitions.watch(SYSTEM, row.id, after=4)]
    assert again == list(range(5, len(taken) + 1))


async def test_only_who_manages_plugins_acquires_and_watches(market: MarketPlace, shopper: Shopper) -> None:
    nobody = make_actor(permissions=["customers.read"])
    for asked in (
        shopper.acquisitions.install(nobody, {"plugin": ID}),
        shopper.acquisitions.newest(nobody),
        shopper.side.updates.check(nobody),
        shopper.side.updates.list(nobody),
        shopper.side.advisories.list(nobody),
    ):
        with pytest.raises(PermissionDenied):
            await asked


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("plugin", {}),
        ("plugin", {"plugin": "../acme"}),
        ("version", {"plugin": ID, "version": "latest"}),
        ("channel", {"plugin": ID, "channel": "nightly"}),
        ("body", {"plugin": ID, "trial": True, "license_key": "RBSM-1"}),
        ("grants", {"plugin": ID, "grants": []}),
    ],
)
async def test_what_cannot_be_asked_for_is_named(shopper: Shopper, field: str, draft: dict[str, Any]) -> None:
    with pytest.raises(Error) as refusal:
        await shopper.acquisitions.install(SYSTEM, draft)
    assert (refusal.value.code, refusal.value.place) == ("market.invalid_install", field)


async def test_a_marketplace_that_cannot_be_reached_is_named(shopper: Shopper) -> None:
    shopper.line.cut = True
    row = await shopper.install()
    assert (row.state, code_of(row)) == ("failed", "index.unreachable")


async def test_what_the_program_was_ended_in_goes_on_with_the_next_start(
    pool: Pool, market: MarketPlace, shopper: Shopper
) -> None:
    await market.publish(await make_version(pool, **PAID))
    key = await market.sell()
    row = await shopper.acquisitions.install(SYSTEM, {"plugin": ID, "license_key": key})
    await asyncio.sleep(0)
    await shopper.acquisitions.close()
    assert (await shopper.acquisitions.get(SYSTEM, row.id)).state == "running"

    await shopper.acquisitions.resume()

    assert (await shopper.acquisitions.ended(row.id)).state == "done"
    assert (await market.seats(), await shopper.instance.ask()) == (1, "1.0.0")
