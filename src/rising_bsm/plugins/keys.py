"""Whose signature counts here."""

from collections.abc import Awaitable, Callable
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictStr, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle import PublicKey, TrustedKey
from rising_bsm.bundle.fields import Slug
from rising_bsm.db import Database
from rising_bsm.errors import Conflict, NotFound
from rising_bsm.plugins.tables import PublisherKey


class KeyIsTrusted(Conflict):
    """The key is registered already."""

    code = "keys.already_trusted"


_SLUG: TypeAdapter[str] = TypeAdapter(Slug)


def _publisher(text: str) -> str:
    try:
        return _SLUG.validate_python(text)
    except ValidationError:
        raise ValueError("This must be a publisher such as acme: lower-case letters, digits, single dashes.") from None


class KeyDraft(Input):
    """A public key in its text form (`rbsm-ed25519:` and Base64), and the one publisher whose bundles it may sign."""

    refusal: ClassVar[str] = "keys.invalid"

    publisher: Annotated[StrictStr, AfterValidator(_publisher)]
    public_key: Annotated[StrictStr, Field(min_length=1, max_length=200)]


class TrustedKeys:
    """The keys' table, by the questions that are asked of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> list[PublisherKey]:
        """Every key, by publisher and age."""
        query = select(PublisherKey).order_by(PublisherKey.publisher, PublisherKey.id)
        return list((await self._session.scalars(query)).all())

    async def by_id(self, key_id: str) -> PublisherKey | None:
        """The key with this SHA-256."""
        return await self._session.scalar(select(PublisherKey).where(PublisherKey.key_id == key_id))

    async def trusted(self) -> list[TrustedKey]:
        """What bundles are checked with."""
        return [key.trusted for key in await self.all()]


class PublisherKeys:
    """The keys that may sign bundles here.

    `recheck` is told the id of each key that is trusted from now on, or no more. Every method raises PermissionDenied
    unless the actor has `plugins.manage`.
    """

    def __init__(self, database: Database, recheck: Callable[[str], Awaitable[None]]) -> None:
        self._database = database
        self._recheck = recheck

    async def list(self, actor: Actor) -> list[PublisherKey]:
        """Every key, by publisher."""
        actor.require("plugins.manage")
        async with self._database.reading() as session:
            return await TrustedKeys(session).all()

    async def trust(self, actor: Actor, draft: object) -> PublisherKey:
        """Bundles of `publisher` may be signed with `public_key`. Raises InvalidInput, InvalidKey, KeyIsTrusted."""
        actor.require("plugins.manage")
        accepted = KeyDraft.of(draft)
        public_key = PublicKey.parse(accepted.public_key)
        key = PublisherKey(
            key_id=public_key.key_id,
            publisher=accepted.publisher,
            public_key=str(public_key),
            added_by=actor.user_id,
        )
        try:
            async with self._database.transaction() as session:
                session.add(key)
                record(session, actor, "keys.trust", "key", key.key_id, {"publisher": key.publisher})
        except IntegrityError:
            raise KeyIsTrusted(
                "This key is trusted already, for this publisher or another.",
                place=key.key_id,
                next_step="See GET /api/trusted-keys; a key is good for one publisher alone.",
            ) from None
        await self._recheck(key.key_id)
        return key

    async def distrust(self, actor: Actor, key_id: str) -> None:
        """What this key has signed is not installed any more, and does not run. Raises NotFound."""
        actor.require("plugins.manage")
        async with self._database.transaction() as session:
            key = await TrustedKeys(session).by_id(key_id)
            if key is None:
                raise NotFound("No key with this id is trusted here.", code="keys.not_found", place=key_id)
            await session.delete(key)
            record(session, actor, "keys.distrust", "key", key_id, {"publisher": key.publisher})
        await self._recheck(key_id)
