"""Selling licences, and what their sellers do with them later: every deed is in the activity log."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.db import Database, iso, now, uuid7
from rising_bsm.errors import Conflict, NotFound
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.marketplace.instances.queries import SILENCE
from rising_bsm.marketplace.instances.tables import KnownInstance
from rising_bsm.marketplace.licences.errors import LicenceNotFound, LicenceRevoked
from rising_bsm.marketplace.licences.queries import LicenceQueries, ShopQueries
from rising_bsm.marketplace.licences.schema import Decision, LicenceQuery, Remark, Renewal, Sale, Upgrade
from rising_bsm.marketplace.licences.tables import Activation, SoldLicence, Status

OPERATOR, PUBLISHER = "marketplace.manage", "marketplace.publish"
_STAYS = 100


class NotForSale(NotFound):
    """There is no such plugin, or none that the caller may sell licences of."""

    code = "license.no_such_plugin"

    def __init__(self, plugin_id: str) -> None:
        message = f"There is no plugin {plugin_id} that you may sell licences of."
        super().__init__(message, place="plugin", next_step="Its publisher may, and the operator of the marketplace.")


class PluginIsFree(Conflict):
    """A free plugin needs no licence."""

    code = "license.plugin_is_free"


class TrialStays(Conflict):
    """A trial that an instance has begun by itself is made into nothing else."""

    code = "license.is_trial"


@dataclass(frozen=True)
class Sold:
    """A new licence and its key, which nobody can be shown again."""

    licence: SoldLicence
    key: LicenceKey

    def as_dict(self) -> dict[str, Any]:
        """The licence as JSON, with its key."""
        return self.licence.as_dict() | {"seats": 0, "key": self.key.text}


class Sales:
    """The licences that are sold here.

    Whoever acts for the publisher of a plugin sells and sees the licences for it, the operator those for all plugins;
    for everybody else they are not there: NotForSale, LicenceNotFound.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sell(self, actor: Actor, draft: object) -> Sold:
        """A new licence. Raises InvalidInput, NotForSale, PluginIsFree."""
        sale, key = Sale.of(draft), LicenceKey.new()
        if sale.type == "trial" and sale.expires_at is None:
            raise wrong_field("expires_at", "A trial has an end.", code=Sale.refusal)
        async with self._database.transaction() as session:
            await self._must_sell(session, actor, sale.plugin)
            kept = sale.model_dump(exclude={"plugin", "reason"})
            licence = SoldLicence(
                id=uuid7(),
                plugin_id=sale.plugin,
                key_digest=key.digest,
                key_hint=key.hint,
                status=Status.ACTIVE,
                reason="",
                sold_by=actor.user_id,
                **kept,
            )
            session.add(licence)
            _note(session, actor, "sell", licence, sale.reason)
        return Sold(licence, key)

    async def list(self, actor: Actor, query: LicenceQuery) -> dict[str, Any]:
        """The licences of the actor's plugins, of all plugins for the operator: `items`, and `next`, the cursor of the
        page after it."""
        owner_id = _owner(actor)
        async with self._database.reading() as session:
            queries = LicenceQueries(session)
            found = await queries.page(query, owner_id)
            items = found[: query.limit]
            seats = await queries.seats([licence.id for licence in items], now())
        shown = [licence.as_dict() | {"seats": seats.get(licence.id, 0)} for licence in items]
        return {"items": shown, "next": str(items[-1].id) if len(found) > query.limit else None}

    async def plugins(self, actor: Actor) -> Sequence[str]:
        """The plugins that the actor may sell licences of. Raises PermissionDenied."""
        owner_id = _owner(actor)
        async with self._database.reading() as session:
            return await ShopQueries(session).paid(owner_id)

    async def get(self, actor: Actor, licence_id: UUID) -> dict[str, Any]:
        """The licence, and where it is and was active. Raises LicenceNotFound."""
        async with self._database.reading() as session:
            queries = LicenceQueries(session)
            licence = await self._visible(session, actor, await queries.by_id(licence_id))
            seats = await queries.seats([licence.id], now())
            stays = await queries.stays(licence.id, _STAYS)
        places = [_place(stay, instance) for stay, instance in stays]
        return licence.as_dict() | {"seats": seats.get(licence.id, 0), "activations": places}

    async def suspend(self, actor: Actor, licence_id: UUID, data: object) -> SoldLicence:
        """It does not do until it is resumed. Raises InvalidInput, LicenceNotFound, LicenceRevoked."""
        return await self._decide(actor, licence_id, Status.SUSPENDED, Decision.of(data).reason, "suspend")

    async def revoke(self, actor: Actor, licence_id: UUID, data: object) -> SoldLicence:
        """It does not do any more, ever. Raises InvalidInput, LicenceNotFound, LicenceRevoked."""
        return await self._decide(actor, licence_id, Status.REVOKED, Decision.of(data).reason, "revoke")

    async def resume(self, actor: Actor, licence_id: UUID, data: object = None) -> SoldLicence:
        """A suspended one does again. Raises InvalidInput, LicenceNotFound, LicenceRevoked."""
        return await self._decide(actor, licence_id, Status.ACTIVE, Remark.of(data or {}).reason, "resume")

    async def renew(self, actor: Actor, licence_id: UUID, data: object) -> SoldLicence:
        """It ends at another time. Raises InvalidInput, LicenceNotFound, LicenceRevoked."""
        renewal = Renewal.of(data)
        async with self._changing(actor, licence_id) as (session, licence):
            licence.expires_at = renewal.expires_at
            _note(session, actor, "renew", licence, renewal.reason)
        return licence

    async def upgrade(self, actor: Actor, licence_id: UUID, data: object) -> SoldLicence:
        """It allows something else, from the next heartbeat of each instance on.

        Raises InvalidInput, LicenceNotFound, LicenceRevoked, TrialStays.
        """
        upgrade = Upgrade.of(data)
        async with self._changing(actor, licence_id) as (session, licence):
            if licence.trial_of is not None and upgrade.changes.keys() & {"type", "max_installs"}:
                step = "Sell its user a licence."
                raise TrialStays("A trial is for one instance, and stays a trial.", place="type", next_step=step)
            for name, value in upgrade.changes.items():
                setattr(licence, name, value)
            _note(session, actor, "upgrade", licence, upgrade.reason, sorted(upgrade.changes))
        return licence

    async def _decide(self, actor: Actor, licence_id: UUID, status: Status, reason: str, verb: str) -> SoldLicence:
        async with self._changing(actor, licence_id) as (session, licence):
            licence.status, licence.reason = status, "" if status == Status.ACTIVE else reason
            _note(session, actor, verb, licence, reason)
        return licence

    @asynccontextmanager
    async def _changing(self, actor: Actor, licence_id: UUID) -> AsyncIterator[tuple[AsyncSession, SoldLicence]]:
        async with self._database.transaction() as session:
            found = await LicenceQueries(session).locked(SoldLicence.id == licence_id)
            licence = await self._visible(session, actor, found[0] if found else None)
            if licence.status == Status.REVOKED:
                raise LicenceRevoked(licence)
            yield session, licence

    async def _visible(self, session: AsyncSession, actor: Actor, licence: SoldLicence | None) -> SoldLicence:
        if licence is None or not await _sells(session, actor, licence.plugin_id):
            raise LicenceNotFound
        return licence

    async def _must_sell(self, session: AsyncSession, actor: Actor, plugin_id: str) -> None:
        plugin = await ShopQueries(session).plugin(plugin_id)
        if plugin is None or not await _sells(session, actor, plugin_id):
            raise NotForSale(plugin_id)
        if plugin.pricing != "paid":
            message, step = f"{plugin_id} is free, so nobody needs a licence.", "Publish a version that is paid for."
            raise PluginIsFree(message, place="plugin", next_step=step)


async def _sells(session: AsyncSession, actor: Actor, plugin_id: str) -> bool:
    if actor.may(OPERATOR):
        return True
    owns = actor.user_id is not None and await ShopQueries(session).owner_of(plugin_id) == actor.user_id
    return owns and actor.may(PUBLISHER)


def _owner(actor: Actor) -> UUID | None:
    """Whose licences the actor sees: None for everybody's. Raises PermissionDenied."""
    if actor.may(OPERATOR):
        return None
    actor.require(PUBLISHER)
    return actor.user_id or UUID(int=0)


def _note(
    session: AsyncSession, actor: Actor, verb: str, licence: SoldLicence, reason: str, fields: Sequence[str] = ()
) -> None:
    about: Mapping[str, Any] = {"reason": reason, "fields": list(fields)}
    detail = {"plugin": licence.plugin_id} | {name: value for name, value in about.items() if value}
    record(session, actor, f"licenses.{verb}", "license", licence.id, detail)


def _place(stay: Activation, instance: KnownInstance) -> dict[str, Any]:
    times = ("activated_at", "seen_at", "released_at")
    shown = {name: (moment := getattr(stay, name)) and iso(moment) for name in times}
    alive = stay.released_at is None and stay.seen_at > now() - SILENCE
    kept = {name: getattr(stay, name) for name in ("seated", "moved", "ended")}
    return {"instance": instance.key_id, "url": instance.url, "alive": alive} | kept | shown
