"""Who this instance is to a marketplace: a key pair of its own, made at first use and kept in its database.

All processes of one deployment are one instance. A machine's own features are no part of it, as containers change
theirs with every start.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import BigInteger, String, Text, case, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.bundle import PublicKey, SigningKey
from rising_bsm.db import Base, Database
from rising_bsm.errors import Failed
from rising_bsm.licensing import wrap_public
from rising_bsm.runtime.settings import Cipher
from rising_bsm.runtime.settings.cipher import SecretUnreadable

_ABOUT = "rising-bsm.instance"
_ONLY = "instance"


class IdentityUnreadable(Failed):
    """The private keys of this instance were encrypted with another secret than the one that it has now."""

    code = "instance.identity_unreadable"

    def __init__(self) -> None:
        super().__init__(
            "The keys of this instance cannot be read any more: the secret in its data folder has changed.",
            place="instance_identity",
            next_step="Start it with the data folder that belongs to this database.",
        )


class InstanceIdentity(Base):
    """The one row with the key pairs; private halves are sealed. `last_seq` is that of the last signed request."""

    __tablename__ = "instance_identity"

    name: Mapped[str] = mapped_column(String(10), unique=True, default=_ONLY)
    public_key: Mapped[str] = mapped_column(String(80))
    signing: Mapped[str] = mapped_column(Text)
    wrapping: Mapped[str] = mapped_column(Text)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True)
class Keys:
    """The key pairs: one to sign requests with, and one that content keys are wrapped for."""

    signing: SigningKey
    wrap: X25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """What the instance is known by."""
        return self.signing.public_key

    @property
    def wrap_public(self) -> str:
        """The public half of `wrap`, as text."""
        return wrap_public(self.wrap)


class Identity:
    """The identity of the deployment that has this database. `clock` gives seconds since 1970."""

    def __init__(self, database: Database, cipher: Cipher, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock
        self._keys: Keys | None = None

    async def get(self) -> Keys:
        """The keys, made now if there are none yet. Raises IdentityUnreadable."""
        if self._keys is None:
            self._keys = self._opened(await self._stored() or await self._made())
        return self._keys

    async def next_seq(self) -> int:
        """The number of the next request: milliseconds since 1970, and more than every number before it."""
        await self.get()
        at_least, last = int(self._clock() * 1_000), InstanceIdentity.last_seq
        following = case((last >= at_least, last + 1), else_=at_least)
        statement = update(InstanceIdentity).where(InstanceIdentity.name == _ONLY).values(last_seq=following)
        async with self._database.transaction() as session:
            return int((await session.execute(statement.returning(last))).scalar_one())

    async def _stored(self) -> InstanceIdentity | None:
        async with self._database.reading() as session:
            return await session.scalar(select(InstanceIdentity).where(InstanceIdentity.name == _ONLY))

    async def _made(self) -> InstanceIdentity:
        keys = Keys(SigningKey.generate(), X25519PrivateKey.generate())
        row = InstanceIdentity(
            public_key=str(keys.public),
            signing=self._sealed("signing", keys.signing.to_raw()),
            wrapping=self._sealed("wrapping", keys.wrap.private_bytes_raw()),
        )
        try:
            async with self._database.transaction() as session:
                session.add(row)
        except IntegrityError:  # another process was first, and its keys are the ones that count
            found = await self._stored()
            assert found is not None
            return found
        return row

    def _sealed(self, name: str, raw: bytes) -> str:
        return self._cipher.seal(_ABOUT, name, base64.b64encode(raw).decode())

    def _opened(self, row: InstanceIdentity) -> Keys:
        signing, wrapping = self._raw("signing", row.signing), self._raw("wrapping", row.wrapping)
        return Keys(SigningKey.from_raw(signing), X25519PrivateKey.from_private_bytes(wrapping))

    def _raw(self, name: str, sealed: str) -> bytes:
        try:
            return base64.b64decode(self._cipher.open(_ABOUT, name, sealed))
        except SecretUnreadable:
            raise IdentityUnreadable from None
