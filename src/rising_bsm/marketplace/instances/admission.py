"""Whom the marketplace is talking to: every request of an instance is signed, and none is taken twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from rising_bsm.db import Database, now
from rising_bsm.licensing.requests import InstanceRequest, read_request
from rising_bsm.marketplace.instances.attempts import Attempts
from rising_bsm.marketplace.instances.errors import Replayed
from rising_bsm.marketplace.instances.queries import InstanceQueries
from rising_bsm.marketplace.instances.tables import KnownInstance

NEW_PER_HOUR = 100
"""How many instances may come from one network for the first time."""


@dataclass(frozen=True)
class Caller:
    """An instance that has proved to hold its key, with a request that was not seen before.

    `key` is its public key in text form, `wrap_key` what content keys are wrapped for, `network` where it asks from.
    """

    instance_id: UUID
    key: str
    wrap_key: str
    seq: int
    fields: Mapping[str, Any]
    network: str = ""


class Instances:
    """The instances that are known to the marketplace."""

    def __init__(self, database: Database) -> None:
        self._database = database
        message = "Too many new instances come from this network."
        self._new = Attempts(NEW_PER_HOUR, timedelta(hours=1), message)

    async def admit(self, envelope: object, action: str, network: str = "") -> Caller:
        """Who asks for `action`. Kept at once, so that what fails later cannot be sent again by somebody else.

        Raises BadDocument, Replayed, TooManyAttempts.
        """
        request = read_request(envelope, action)
        try:
            instance_id = await self._admitted(request, network)
        except IntegrityError:  # it is known since a moment ago, by another request of it
            instance_id = await self._admitted(request, network)
        key = str(request.instance)
        return Caller(instance_id, key, request.wrap_key, request.seq, request.fields, network)

    async def _admitted(self, request: InstanceRequest, network: str) -> UUID:
        key, moment = str(request.instance), now()
        async with self._database.transaction() as session:
            instances = InstanceQueries(session)
            if instance_id := await instances.advance(key, request.seq, moment):
                return instance_id
            if await instances.by_key(key):
                raise _replayed()
            self._new.check(network)
            known = KnownInstance(
                key=key, key_id=request.instance.key_id, last_seq=request.seq, last_seen=moment, url=""
            )
            session.add(known)
            await session.flush()
        self._new.failed(network)
        return known.id


def _replayed() -> Replayed:
    return Replayed(
        "This request was seen before, or is older than another one of this instance.",
        place="seq",
        next_step="Sign the request anew, with a higher number.",
    )
