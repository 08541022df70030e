"""Keys that count here because a marketplace lists them for a publisher of whom a plugin is installed."""

from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle import VerifiedBundle
from rising_bsm.db import Database
from rising_bsm.plugins.keys import KeyIsTrusted, TrustedKeys
from rising_bsm.plugins.market.index import Listed
from rising_bsm.plugins.market.tables import Acquisition, Progress, Snapshot
from rising_bsm.plugins.tables import MARKETPLACE, InstalledPlugin, PublisherKey
from rising_bsm.plugins.versions import PluginVersion


async def trust_listed(database: Database, actor: Actor, listed: Listed, bundle: VerifiedBundle) -> None:
    """The key that has signed the bundle is trusted for its publisher. Raises KeyIsTrusted when it is another's."""
    publisher = bundle.manifest.publisher
    async with database.reading() as session:
        known = await TrustedKeys(session).by_id(bundle.key_id)
    if known is None:
        text = next(str(key) for key in listed.keys if key.key_id == bundle.key_id)
        await _add(database, actor, publisher, bundle.key_id, text)
    elif known.publisher != publisher:
        raise KeyIsTrusted(
            f"The key that has signed {listed.plugin} is trusted here for {known.publisher}, not for {publisher}.",
            place=bundle.key_id,
            next_step="A key is good for one publisher alone. Distrust it here, or tell the marketplace's operator.",
        )


async def forget_unused(database: Database, but: UUID | None = None) -> None:
    """Keys that only the marketplace vouched for, and that have signed nothing that is kept here, count no more.

    Nothing is done while anything else than the acquisition `but` is on its way.
    """
    # What is on its way needs a key before anything is kept that it has signed.
    others = [Acquisition.id != but] if but else []
    on_its_way = exists().where(Acquisition.state == Progress.RUNNING, *others)
    unused = delete(PublisherKey).where(PublisherKey.source == MARKETPLACE, ~on_its_way)
    for table in (InstalledPlugin, PluginVersion, Snapshot):
        unused = unused.where(PublisherKey.key_id.not_in(select(table.key_id).where(table.key_id.is_not(None))))
    async with database.transaction() as session:
        await session.execute(unused, execution_options={"synchronize_session": False})


async def _add(database: Database, actor: Actor, publisher: str, key_id: str, text: str) -> None:
    key = PublisherKey(key_id=key_id, publisher=publisher, public_key=text, added_by=actor.user_id, source=MARKETPLACE)
    try:
        async with database.transaction() as session:
            session.add(key)
            record(session, actor, "keys.trust", "key", key_id, {"publisher": publisher, "source": MARKETPLACE})
    except IntegrityError:
        pass  # somebody else has trusted it at this moment; whether for this publisher is checked when it is used
