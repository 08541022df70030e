"""The heartbeat: an instance says what it runs and what it holds, and gets fresh licences and what it should know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database, iso, now
from rising_bsm.licensing.licence import Licence, sign_licence
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.instances.advisories import advisories
from rising_bsm.marketplace.instances.census import InstanceCensus
from rising_bsm.marketplace.licences.errors import LicenceNotFound, LicenceRefused
from rising_bsm.marketplace.licences.issuing import Signing, licence_for, must_do
from rising_bsm.marketplace.licences.queries import LicenceQueries
from rising_bsm.marketplace.licences.schema import Heartbeat
from rising_bsm.marketplace.licences.seats import Seats
from rising_bsm.marketplace.licences.tables import SoldLicence

Outcome = Licence | LicenceRefused | LicenceNotFound


class Heartbeats:
    """Renews the licences of instances, and keeps the census up to date."""

    def __init__(self, database: Database, census: InstanceCensus, signing: Signing) -> None:
        self._database = database
        self._census = census
        self._signing = signing

    async def beat(self, caller: Caller) -> dict[str, Any]:
        """`time` by our clock; for each licence a fresh file, or a code and a sentence why not; and advisories."""
        asked, moment = Heartbeat.of(caller.fields), now()
        await self._census.tell(caller.instance_id, asked.plugins, partial=asked.partial)
        await self._census.recount_when_due()
        wanted = {held.id: held.nonce for held in asked.licenses}
        outcomes = await self._renewed(caller, wanted, moment) if wanted else {}
        async with self._database.reading() as session:
            running = {(plugin.id, plugin.version) for plugin in asked.plugins}
            known = await advisories(session, running) if running else []
        # Signed when no transaction is open: the key is in the database, too.
        key = await self._signing()
        licenses = [_told(licence_id, outcome, key) for licence_id, outcome in outcomes.items()]
        return {"time": iso(moment), "licenses": licenses, "advisories": known}

    async def _renewed(
        self, caller: Caller, wanted: Mapping[UUID, str | None], moment: datetime
    ) -> dict[UUID, Outcome]:
        async with self._database.transaction() as session:
            queries = LicenceQueries(session)
            mine = await queries.of_instance(caller.instance_id, list(wanted))
            found = {licence.id: licence for licence in await queries.locked(SoldLicence.id.in_(sorted(mine)))}
            outcomes: dict[UUID, Outcome] = {}
            for licence_id, nonce in wanted.items():
                licence = found.get(licence_id)
                outcomes[licence_id] = (
                    await self._outcome(session, caller, licence, moment, nonce) if licence else LicenceNotFound()
                )
            return outcomes

    async def _outcome(
        self, session: AsyncSession, caller: Caller, licence: SoldLicence, moment: datetime, nonce: str | None
    ) -> Outcome:
        try:
            must_do(licence, moment)
            await Seats(session, licence, moment).refresh(caller.instance_id)
        except LicenceRefused as refusal:
            return refusal
        return licence_for(licence, caller, moment, nonce)


def _told(licence_id: UUID, outcome: Outcome, key: SigningKey) -> dict[str, Any]:
    if isinstance(outcome, Licence):
        return {"id": str(licence_id), "license": sign_licence(outcome, key)}
    return {"id": str(licence_id), "code": outcome.result, "message": outcome.message}
