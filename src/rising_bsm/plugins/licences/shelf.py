"""Held licences in the database, by the questions that are asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from rising_bsm.bundle import PublicKey
from rising_bsm.db import Database
from rising_bsm.errors import InvalidInput
from rising_bsm.licensing import Clock, Licence, LicenceState, Licensed, open_licence, standing
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.surroundings import MOVED, moved
from rising_bsm.plugins.licences.tables import HeldLicence

_log = structlog.get_logger("rising_bsm.licences")


@dataclass(frozen=True)
class Received:
    """A licence that has just come, its signature checked: the file, who signed it, and when by this clock."""

    licence: Licence
    envelope: dict[str, Any]
    signed_by: PublicKey
    at: datetime

    @property
    def values(self) -> dict[str, Any]:
        """What is stored of it; the marketplace's clock is believed more than all clocks that were seen here."""
        ahead = (self.licence.issued_at - self.at) // timedelta(milliseconds=1)
        known = {"envelope": self.envelope, "signed_by": str(self.signed_by), "seq": self.licence.seq}
        return known | {
            "licence_id": self.licence.id,
            "refused": None,
            "seen_at": self.licence.issued_at,
            "ahead_ms": ahead,
            "renewed_at": self.at,
        }


@dataclass(frozen=True)
class Held:
    """A licence that is held: its row, and what its file says."""

    row: HeldLicence
    licence: Licence

    def clock(self, local: datetime) -> Clock:
        """What is known of the time when the clock here says `local`."""
        return Clock(local + timedelta(milliseconds=self.row.ahead_ms), self.row.seen_at)

    def licensed(self, local: datetime, surroundings: Mapping[str, str]) -> Licensed:
        """How it stands then, here."""
        found = standing(self.licence, self.clock(local), self.row.refused)
        if moved(self.row.surroundings, surroundings):
            found = replace(found, warnings=(*found.warnings, MOVED))
        return Licensed(self.licence, found)

    def matters(self, local: datetime) -> tuple[object, ...]:
        """What a plugin wants to be told of when it changes; not that there is a day less."""
        licence, found = self.licence, standing(self.licence, self.clock(local), self.row.refused)
        sold = (licence.id, licence.type, licence.entitlements, licence.limits, licence.expires_at)
        return (*sold, found.runs, found.code)


class Shelf:
    """The held licences of this deployment; each is checked again when it is taken from the shelf."""

    def __init__(self, database: Database, identity: Identity) -> None:
        self._database = database
        self._identity = identity

    async def of(self, plugin_id: str) -> Held | None:
        """The licence for the plugin, if its file is what was signed for this instance."""
        async with self._database.reading() as session:
            row = await session.scalar(select(HeldLicence).where(HeldLicence.plugin_id == plugin_id))
        return await self._opened(row) if row is not None else None

    async def all(self) -> Sequence[Held]:
        """All of them, by plugin."""
        async with self._database.reading() as session:
            rows = (await session.scalars(select(HeldLicence).order_by(HeldLicence.plugin_id))).all()
        opened = [await self._opened(row) for row in rows]
        return [held for held in opened if held is not None]

    async def put(
        self, received: Received, *, key: str | None, hint: str | None, surroundings: Mapping[str, str]
    ) -> None:
        """The licence that was activated; it takes the place of another one for its plugin."""
        known = {"key": key, "hint": hint, "surroundings": dict(surroundings)}
        values = received.values | known
        plugin_id = received.licence.plugin
        if await self._change(plugin_id, values):
            return
        try:
            async with self._database.transaction() as session:
                session.add(HeldLicence(plugin_id=plugin_id, **values))
        except IntegrityError:  # somebody else was first
            await self._change(plugin_id, values)

    async def renew(self, received: Received) -> bool:
        """The file replaces the older one of the same licence; False if the one that is held is as new."""
        licence = received.licence
        mine = HeldLicence.licence_id == licence.id, HeldLicence.seq < licence.seq
        return await self._change(licence.plugin, received.values, *mine)

    async def refuse(self, held: Held, code: str) -> None:
        """The marketplace has declined to renew it."""
        await self._change(held.row.plugin_id, {"refused": code}, HeldLicence.licence_id == held.row.licence_id)

    async def note_time(self, held: Held, local: datetime) -> None:
        """The highest time that was seen is kept, so that setting the clock back after a restart wins nothing."""
        seen = held.clock(local).observed(held.licence).highest
        same = HeldLicence.seq == held.row.seq, HeldLicence.seen_at < seen
        await self._change(held.row.plugin_id, {"seen_at": seen}, *same)

    async def note_told(self, held: Held, state: LicenceState) -> bool:
        """Administrators know that it is in this state; False if they did already."""
        same = HeldLicence.licence_id == held.row.licence_id, HeldLicence.told != state.value
        return await self._change(held.row.plugin_id, {"told": state.value}, *same)

    async def drop(self, plugin_id: str, licence_id: UUID) -> None:
        """The licence is not held any more."""
        mine = HeldLicence.plugin_id == plugin_id, HeldLicence.licence_id == licence_id
        async with self._database.transaction() as session:
            await session.execute(delete(HeldLicence).where(*mine))

    async def _change(self, plugin_id: str, values: Mapping[str, Any], *only: Any) -> bool:
        statement = update(HeldLicence).where(HeldLicence.plugin_id == plugin_id, *only).values(**values)
        async with self._database.transaction() as session:
            return (await session.execute(statement.returning(HeldLicence.id))).first() is not None

    async def _opened(self, row: HeldLicence) -> Held | None:
        instance = (await self._identity.get()).public
        try:
            signer = PublicKey.parse(row.signed_by)
            licence = open_licence(row.envelope, [signer], instance=instance, plugin=row.plugin_id)
        except InvalidInput as error:
            _log.error("a stored licence is not what was signed", plugin=row.plugin_id, error=error.as_dict())
            return None
        return Held(row, licence)
