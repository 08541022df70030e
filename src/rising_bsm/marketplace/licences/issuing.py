"""Fresh licence files: signed by the marketplace, for one instance, good for a day."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

from rising_bsm.bundle import SigningKey
from rising_bsm.licensing.licence import LEASE, Licence, LicenceType
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.licences.errors import LicenceExpired, LicenceRefused, LicenceRevoked, LicenceSuspended
from rising_bsm.marketplace.licences.tables import SoldLicence, Status

Signing = Callable[[], Awaitable[SigningKey]]
"""Gives the key that licences are signed with now; it rotates."""


def refusal_of(licence: SoldLicence, moment: datetime) -> LicenceRefused | None:
    """Why the licence does not do at this moment; None if it does."""
    if licence.status == Status.REVOKED:
        return LicenceRevoked(licence)
    if licence.status == Status.SUSPENDED:
        return LicenceSuspended(licence)
    return LicenceExpired(licence) if licence.has_expired(moment) else None


def must_do(licence: SoldLicence, moment: datetime) -> None:
    """Raises LicenceRefused for a licence that does not do at this moment."""
    if refusal := refusal_of(licence, moment):
        raise refusal


def licence_for(licence: SoldLicence, caller: Caller, moment: datetime, nonce: str | None) -> Licence:
    """What is to be signed: the licence for the caller's instance, from this moment by our clock."""
    return Licence(
        id=licence.id,
        plugin=licence.plugin_id,
        type=LicenceType(licence.type),
        entitlements=tuple(licence.entitlements),
        limits=dict(licence.limits),
        max_installs=licence.max_installs,
        holder=licence.holder,
        instance=caller.key,
        issued_at=moment,
        expires_at=licence.expires_at,
        valid_until=moment + LEASE,
        grace_days=licence.grace_days,
        seq=caller.seq,
        nonce=nonce or secrets.token_urlsafe(16),
    )
