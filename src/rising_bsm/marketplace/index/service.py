"""The signed index: which versions exist now, said so that nobody on the way can say otherwise."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle import SigningKey
from rising_bsm.db import Database, now
from rising_bsm.errors import Error
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketVersion
from rising_bsm.marketplace.index.edition import Edition, File, Signers
from rising_bsm.marketplace.index.errors import NoSuchFile, NoSuchRole
from rising_bsm.marketplace.index.expiry import Expiry, due, expiries
from rising_bsm.marketplace.index.keys import IndexKeys, make_keys, public_halves
from rising_bsm.marketplace.index.listing import listing_of
from rising_bsm.marketplace.index.queries import IndexFiles
from rising_bsm.marketplace.index.roles import RENEWED_BEFORE, Role
from rising_bsm.marketplace.index.tables import IndexFile, IndexKey
from rising_bsm.plugins.market.index import Listing
from rising_bsm.plugins.market.index.layout import IS_BIN, TIMESTAMP_FILE, bin_of, bundle_path, plugin_path
from rising_bsm.runtime import Cipher

_log = structlog.get_logger(__name__)
_VERSIONED = re.compile(rf"([1-9][0-9]{{0,8}})\.(root|targets|snapshot|{IS_BIN.pattern})\.json")


@dataclass(frozen=True)
class _Desk:
    """Where the next edition is made, while nobody else makes one."""

    session: AsyncSession
    files: IndexFiles
    keys: IndexKeys

    async def publish(self, roles: Collection[str], change: Callable[[Edition], None], signers: Signers) -> None:
        """Stores what `change` makes of these roles."""
        moment = now()
        current = await self.files.current({*roles, Role.SNAPSHOT, Role.TIMESTAMP})
        files = await asyncio.to_thread(_made, Edition(current, signers, moment), change)
        if files:
            await self.files.add(files, moment)


class Index:
    """The index of the marketplace that this instance hosts; processes that share a database share it.

    Keys and the first index are made by `start`, or else when they are first needed: most instances never host.
    """

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher
        self._renewing = asyncio.Lock()
        self._started = False

    async def start(self) -> None:
        """Makes keys and the first index where there are none; does nothing the next time."""
        if not self._started:
            with suppress(IntegrityError):  # another process has just begun
                async with self._database.transaction() as session:
                    await self._begin(session)
            self._started = True

    async def put(
        self,
        version: MarketVersion,
        plugin: MarketPlugin,
        keys: Sequence[str],
        *,
        session: AsyncSession | None = None,
    ) -> None:
        """Lists the version with its status, signed by the reviewers; `keys` are its publisher's, in their text form.

        In the transaction of `session`, or one of its own. What is listed stays so for ever: raises VersionReListed if
        it was listed with other bytes.
        """
        item = (listing_of(version, plugin, keys), version.blob_sha256, version.blob_size)
        await self.put_all([item], session=session)

    async def put_all(self, items: Sequence[tuple[Listing, str, int]], *, session: AsyncSession | None = None) -> None:
        """As `put`, all or none: each with SHA-256 in hex and size in bytes of what is handed out."""
        paths = {bundle_path(one.plugin, one.version) for one, _, _ in items}
        bins = {bin_of(path) for path in paths | {plugin_path(one.plugin) for one, _, _ in items}}

        def change(edition: Edition) -> None:
            for item in items:
                edition.put(*item)

        if session is None:
            await self.start()
        async with self._desk(session) as desk:
            await desk.publish(bins, change, desk.keys.signers)

    async def file(self, name: str) -> bytes:
        """A file of the index as it is served: `timestamp.json`, `7.snapshot.json`, … Raises NoSuchFile."""
        await self.start()
        if name == TIMESTAMP_FILE:
            return await self._timestamp()
        match = _VERSIONED.fullmatch(name)
        data = match and await self._version(match[2], int(match[1]))
        if match and not data and match[2] == Role.ROOT:
            # Clients ask for the next root first; one that is due must be there before they look at the last.
            await self._renew_if_due()
            data = await self._version(match[2], int(match[1]))
        if not data:
            raise NoSuchFile("The index has no such file.", place=name[:100])
        return data

    async def renew(self) -> None:
        """Signs anew what is over soon, and forgets what nobody asks for; a root only if its keys are here."""
        await self.start()
        async with self._renewing, self._desk() as desk:
            roles = due(await desk.files.newest(), now())
            if not desk.keys.has_root:
                roles = [role for role in roles if role != Role.ROOT]
            if roles:
                await desk.publish(roles, lambda edition: edition.touch(roles), desk.keys.signers)
            await desk.files.forget(now())

    async def sign_again(self, actor: Actor) -> None:
        """Signs everything anew, whatever is due, so that it lasts its whole time; a root only if its keys are here."""
        await self.start()
        async with self._renewing, self._desk() as desk:
            roles = [file.role for file in await desk.files.newest()]
            roles = [role for role in roles if role != Role.ROOT or desk.keys.has_root]
            await desk.publish(roles, lambda edition: edition.touch(roles), desk.keys.signers)
            record(desk.session, actor, "index.sign_again", "index", "index", {})

    async def rotate(self, role: str, *, actor: Actor = SYSTEM, compromised: bool = False) -> None:
        """New keys for a role; what the old ones sign counts no more. Raises NoSuchRole, RootAway, KeysUnreadable.

        Licences that the old key of `license` signed go on being good, unless it is `compromised`.
        """
        if role not in list(Role):
            raise NoSuchRole("The index has no such role.", place=role[:40], next_step=f"It has {', '.join(Role)}.")
        await self.start()
        async with self._desk() as desk:
            await _rotate(desk, Role(role), make_keys(Role(role), self._cipher), compromised=compromised)
            record(desk.session, actor, "index.rotate", "index_key", role, {"compromised": compromised})

    async def root_digest(self) -> str:
        """The SHA-256 of the first root in hex: what clients pin with RISING_BSM_MARKETPLACE_ROOT."""
        return hashlib.sha256(await self.file("1.root.json")).hexdigest()

    async def signing_key(self, role: str) -> SigningKey:
        """The private key that signs for the role, which is `license`. Raises KeysUnreadable."""
        return (await self._keys()).signers(Role(role))[-1]

    async def expiries(self) -> list[Expiry]:
        """When each role is over, the first to be before the others."""
        await self.start()
        return expiries(await self._newest(), now())

    async def overdue(self) -> list[Expiry]:
        """Of an index that there is, what is over soon after it was to be renewed, which is tried once more before."""
        if not await self._newest():
            return []
        try:
            await self.renew()
        except Error as error:
            _log.warning("the index was not renewed", error=error.as_dict())
        return [one for one in expiries(await self._newest(), now()) if one.soon]

    async def _newest(self) -> list[IndexFile]:
        async with self._database.reading() as session:
            return await IndexFiles(session).newest()

    async def keys(self) -> dict[Role, list[IndexKey]]:
        """The keys of each role."""
        found = await self._keys()
        return {role: found.of(role) for role in Role}

    async def _keys(self) -> IndexKeys:
        await self.start()
        async with self._database.reading() as session:
            return IndexKeys(await IndexFiles(session).keys(), self._cipher)

    async def _begin(self, session: AsyncSession) -> None:
        files = IndexFiles(session)
        if await files.lock():
            return
        session.add_all([key for role in Role for key in make_keys(role, self._cipher)])
        await session.flush()
        keys = IndexKeys(await files.keys(), self._cipher)
        first = Edition({}, keys.signers, now())
        first.begin({role: public_halves(keys.of(role)) for role in Role})
        await files.begin(first.done())

    async def _version(self, role: str, version: int) -> bytes | None:
        async with self._database.reading() as session:
            return await IndexFiles(session).version(role, version)

    async def _timestamp(self) -> bytes:
        await self._renew_if_due()
        return (await self._newest_timestamp())[0]

    async def _renew_if_due(self) -> None:
        _, expires_at = await self._newest_timestamp()
        if expires_at - now() >= RENEWED_BEFORE[Role.TIMESTAMP]:
            return
        try:
            await self._renew_once()
        except Error as error:
            # What is there is good for a while; when it is not any more, clients will say so.
            _log.warning("the index was not renewed", error=error.as_dict())

    async def _renew_once(self) -> None:
        # Of many who ask at once, the first renews, and the others find it done.
        if self._renewing.locked():
            async with self._renewing:
                return
        await self.renew()

    async def _newest_timestamp(self) -> tuple[bytes, datetime]:
        async with self._database.reading() as session:
            return await IndexFiles(session).timestamp()

    @asynccontextmanager
    async def _desk(self, given: AsyncSession | None = None) -> AsyncIterator[_Desk]:
        async with nullcontext(given) if given else self._database.transaction() as session:
            await self._begin(session)
            files = IndexFiles(session)
            yield _Desk(session, files, IndexKeys(await files.keys(), self._cipher))


async def _rotate(desk: _Desk, role: Role, new: list[IndexKey], *, compromised: bool) -> None:
    # A new root is signed by the keys of the one before, and by its own.
    before = desk.keys.signers(role) if role is Role.ROOT else []
    for row in desk.keys.of(role):
        row.retired_at, row.private_key = now(), None
        row.revoked_at = now() if compromised or role is not Role.LICENSE else None
    desk.session.add_all(new)
    keys = desk.keys.with_new(new)
    bins = [file.role for file in await desk.files.newest() if IS_BIN.fullmatch(file.role)]

    def change(edition: Edition) -> None:
        if role is Role.LICENSE:
            edition.list_licence_keys(keys.public(role))
        else:
            edition.exchange(role, keys.public(role), bins)

    def signers(signer: Role) -> list[SigningKey]:
        return [*(before if signer is Role.ROOT else ()), *keys.signers(signer)]

    await desk.publish(_needed_to_rotate(role, bins), change, signers)


def _needed_to_rotate(role: Role, bins: list[str]) -> list[str]:
    if role is Role.LICENSE:
        return [Role.TARGETS]
    return [Role.TARGETS, *bins] if role is Role.REVIEWED else [Role.ROOT, role]


def _made(edition: Edition, change: Callable[[Edition], None]) -> list[File]:
    change(edition)
    return edition.done()
