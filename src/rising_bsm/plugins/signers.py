"""When another key has signed a plugin than before, a person must say that it counts.

A marketplace says which keys are a publisher's, and whoever has the marketplace can say anything. Who holds the key
that signed the installed version cannot be made up.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.plugins.tables import InstalledPlugin, PublisherKey


async def trusted_by_people(session: AsyncSession, publisher: str) -> frozenset[str]:
    """The ids of the publisher's keys that somebody has trusted in person, and no marketplace."""
    in_person = PublisherKey.publisher == publisher, PublisherKey.source.is_(None)
    return frozenset((await session.scalars(select(PublisherKey.key_id).where(*in_person))).all())


def asked_of_signer(plugin: InstalledPlugin, key_id: str, in_person: Collection[str]) -> Mapping[str, str]:
    """What must be accepted before a version that this key has signed takes the plugin's place, with the reason.

    That is `key:` and its id, unless it has signed the installed version too, or is among those trusted `in_person`.
    """
    if key_id == plugin.key_id or key_id in in_person:
        return {}
    publisher = str(plugin.plugin_id).partition(".")[0]
    return {
        f"key:{key_id}": f"It is signed for {publisher} with the key {key_id}; {plugin.version}, which is installed, "
        f"is signed with {plugin.key_id}. Ask {publisher} whether the new key is theirs."
    }
