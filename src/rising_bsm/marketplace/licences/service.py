"""What instances do with licences: activate, try, release."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, now
from rising_bsm.errors import InvalidInput
from rising_bsm.licensing.keys import LicenceKey
from rising_bsm.licensing.licence import LicenceType, sign_licence
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.instances.attempts import Attempts
from rising_bsm.marketplace.instances.queries import InstanceQueries
from rising_bsm.marketplace.instances.schema import is_for_trying
from rising_bsm.marketplace.licences.errors import LicenceNotFound, NoTrial, TrialUsed
from rising_bsm.marketplace.licences.issuing import Signing, licence_for, must_do
from rising_bsm.marketplace.licences.queries import LicenceQueries, ShopQueries
from rising_bsm.marketplace.licences.schema import Activate, Release, Try
from rising_bsm.marketplace.licences.seats import Seats
from rising_bsm.marketplace.licences.tables import SoldLicence

PER_INSTANCE, PER_NETWORK = 10, 30
"""How many wrong keys an hour are looked at."""


class Leases:
    """The licences that instances use; each method is one request of an instance and raises InvalidInput for others."""

    def __init__(self, database: Database, signing: Signing) -> None:
        self._database = database
        self._signing = signing
        hour, message = timedelta(hours=1), "Too many wrong licence keys."
        self._of_instance = Attempts(PER_INSTANCE, hour, message)
        self._of_network = Attempts(PER_NETWORK, hour, message)

    async def activate(self, caller: Caller) -> dict[str, Any]:
        """A licence file for the caller, which takes a seat of the licence with this key unless it has one.

        Raises LicenceNotFound in the same words for every key that does not fit the plugin, LicenceRefused,
        TooManyMachines, TooManyMoves, TooManyAttempts.
        """
        asked, moment = Activate.of(caller.fields), now()
        self._of_instance.check(caller.key)
        self._of_network.check(caller.network)
        async with self._database.transaction() as session:
            licence = await self._with_key(session, asked)
            if licence is not None:
                must_do(licence, moment)
                await InstanceQueries(session).reached_at(caller.instance_id, asked.url)
                seated = not (asked.staging or is_for_trying(asked.url))
                await Seats(session, licence, moment).take(caller.instance_id, seated=seated, move=asked.move)
        if licence is None:
            self._of_instance.failed(caller.key)
            self._of_network.failed(caller.network)
            raise LicenceNotFound
        return sign_licence(licence_for(licence, caller, moment, asked.nonce), await self._signing())

    async def _with_key(self, session: AsyncSession, asked: Activate) -> SoldLicence | None:
        try:
            digest = LicenceKey.parse(asked.key).digest
        except InvalidInput:
            return None  # in the same words as for a key that nobody has
        return await LicenceQueries(session).locked_by_key(asked.plugin, digest)

    async def trial(self, caller: Caller) -> dict[str, Any]:
        """A licence file for the trial that the caller has of the plugin, which begins with the first time.

        Raises NoTrial, TrialUsed, LicenceRefused.
        """
        asked, moment = Try.of(caller.fields), now()
        async with self._database.transaction() as session:
            # An instance that asks twice at once waits here, and gets one trial.
            instances = InstanceQueries(session)
            await instances.lock(caller.instance_id)
            await instances.reached_at(caller.instance_id, asked.url)
            licence = await LicenceQueries(session).locked_trial(asked.plugin, caller.key)
            licence = licence or await self._begun(session, caller, asked.plugin)
            if licence.has_expired(moment):
                raise TrialUsed(licence)
            must_do(licence, moment)
            await Seats(session, licence, moment).take(caller.instance_id, seated=True)
        return sign_licence(licence_for(licence, caller, moment, asked.nonce), await self._signing())

    async def _begun(self, session: AsyncSession, caller: Caller, plugin_id: str) -> SoldLicence:
        plugin = await ShopQueries(session).plugin(plugin_id)
        if plugin is None or not plugin.listed or plugin.pricing != "paid" or not plugin.trial_days:
            raise NoTrial(plugin_id)
        licence = SoldLicence(
            plugin_id=plugin_id,
            type=LicenceType.TRIAL,
            holder="",
            trial_of=caller.key,
            max_installs=1,
            limits={},
            entitlements=[],
            # In whole seconds, as its file says it: a fraction more would be a day more where days are counted.
            expires_at=now().replace(microsecond=0) + timedelta(days=plugin.trial_days),
        )
        session.add(licence)
        await session.flush()
        return licence

    async def release(self, caller: Caller) -> dict[str, Any]:
        """The caller gives its seat back; once more does no harm. Raises LicenceNotFound."""
        asked = Release.of(caller.fields)
        async with self._database.transaction() as session:
            licence = await self._used_by(session, caller.instance_id, asked.license)
            await Seats(session, licence, now()).release(caller.instance_id)
        return {}

    async def _used_by(self, session: AsyncSession, instance_id: UUID, licence_id: UUID) -> SoldLicence:
        queries = LicenceQueries(session)
        found = await queries.locked(SoldLicence.id == licence_id)
        if not found or not await queries.of_instance(instance_id, [licence_id]):
            raise LicenceNotFound
        return found[0]
