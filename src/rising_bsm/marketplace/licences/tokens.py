"""Download tokens: 128 random bits that one instance can use once, within five minutes, for one version."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import Database, iso, now
from rising_bsm.errors import Conflict, NotFound
from rising_bsm.licensing.content import wrap
from rising_bsm.marketplace.catalogue.tables import MarketVersion
from rising_bsm.marketplace.content_keys import open_content_key
from rising_bsm.marketplace.instances.admission import Caller
from rising_bsm.marketplace.licences.errors import LicenceRefused, NoMachine
from rising_bsm.marketplace.licences.issuing import must_do
from rising_bsm.marketplace.licences.queries import LicenceQueries, ShopQueries, TokenQueries
from rising_bsm.marketplace.licences.schema import Redeem, WantedVersion
from rising_bsm.marketplace.licences.seats import Seats
from rising_bsm.marketplace.licences.tables import DownloadToken, SoldLicence
from rising_bsm.runtime import Cipher

LIFETIME = timedelta(minutes=5)
_BYTES = 16


class TokenRefused(NotFound):
    """No token that this instance could use now: unknown, used, too old, or another's, all in the same words."""

    code = "token.refused"

    def __init__(self) -> None:
        super().__init__(
            "The download token is of no use.",
            place="token",
            next_step="Ask for a new one: each is good once, for the instance that asked, for five minutes.",
        )


class VersionNotThere(NotFound):
    """There is no such version to be had."""

    code = "token.no_such_version"

    def __init__(self, plugin_id: str, version: str) -> None:
        message = f"There is no version {version} of {plugin_id} to be had."
        super().__init__(message, place="version", next_step="Choose another version of the plugin.")


class TokenNotNeeded(Conflict):
    """The plugin is free: it is simply downloaded."""

    code = "token.not_needed"


class DownloadTokens:
    """Tokens for the versions of plugins that are paid for; content keys are opened with `cipher`."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def issue(self, caller: Caller) -> dict[str, Any]:
        """A token for a version that the caller has a licence and a seat for, and when it ends.

        Raises TokenNotNeeded, VersionNotThere, NoMachine and other LicenceRefused.
        """
        asked, moment, token = WantedVersion.of(caller.fields), now(), secrets.token_urlsafe(_BYTES)
        async with self._database.transaction() as session:
            await _version(session, asked.plugin, asked.version)
            await _must_be_paid(session, asked.plugin)
            licence = await _licence_on(session, caller, asked.plugin, moment)
            await TokenQueries(session).forget(moment - LIFETIME)
            session.add(
                DownloadToken(
                    digest=_digest(token),
                    licence_id=licence.id,
                    instance_id=caller.instance_id,
                    plugin_id=asked.plugin,
                    version=asked.version,
                    expires_at=moment + LIFETIME,
                )
            )
        return {"token": token, "expires_at": iso(moment + LIFETIME)}

    async def redeem(self, caller: Caller) -> dict[str, Any]:
        """What is downloaded for a token, and the key to it, wrapped for the caller alone; None if it is not encrypted.

        Raises TokenRefused, VersionNotThere, LicenceRefused.
        """
        asked, moment = Redeem.of(caller.fields), now()
        async with self._database.transaction() as session:
            token = await TokenQueries(session).redeem(_digest(asked.token), caller.instance_id, moment)
            if token is None:
                raise TokenRefused
            # What has happened since the token was issued counts.
            version = await _version(session, token.plugin_id, token.version)
            licence = await LicenceQueries(session).by_id(token.licence_id)
            assert licence is not None, "it is referred to"
            must_do(licence, moment)
        return _described(version, licence) | {"content_key": self._wrapped(version, licence, caller)}

    def _wrapped(self, version: MarketVersion, licence: SoldLicence, caller: Caller) -> str | None:
        if not version.content_key:
            return None
        this = {"plugin": version.plugin_id, "version": version.version}
        key = open_content_key(self._cipher, version.plugin_id, version.version, version.content_key)
        return wrap(key, caller.wrap_key, licence=licence.id, **this)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _described(version: MarketVersion, licence: SoldLicence) -> dict[str, Any]:
    what = ("blob_sha256", "blob_size", "bundle_sha256", "bundle_size", "encrypted")
    return {name: getattr(version, name) for name in what} | {"license": str(licence.id)}


async def _version(session: AsyncSession, plugin_id: str, number: str) -> MarketVersion:
    version = await ShopQueries(session).version(plugin_id, number)
    if version is None or not version.to_be_had:
        raise VersionNotThere(plugin_id, number)
    return version


async def _must_be_paid(session: AsyncSession, plugin_id: str) -> None:
    plugin = await ShopQueries(session).plugin(plugin_id)
    if plugin is None or plugin.pricing != "paid":
        message = f"{plugin_id} is free: its bundle is there for everybody."
        raise TokenNotNeeded(message, place="plugin", next_step="Download it by the digest that the index has.")


async def _licence_on(session: AsyncSession, caller: Caller, plugin_id: str, moment: datetime) -> SoldLicence:
    """The caller's licence for the plugin that does, one that was bought before a trial."""
    found = await LicenceQueries(session).locked_on(caller.instance_id, plugin_id)
    refusal: LicenceRefused = NoMachine()
    for licence in sorted(found, key=lambda one: one.trial_of is not None):
        try:
            must_do(licence, moment)
            await Seats(session, licence, moment).refresh(caller.instance_id)
        except LicenceRefused as error:
            refusal = error if isinstance(refusal, NoMachine) else refusal
        else:
            return licence
    raise refusal
