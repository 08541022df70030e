"""The marketplace of an instance, put together: its services, and the system plugin in front of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from functools import cached_property

from rising_bsm.bundle.manifest import ANSWERS_STRANGERS, Manifest, RouteExport, make_manifest
from rising_bsm.db import Database
from rising_bsm.errors import NotFound
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.marketplace.blobs.routes import BlobRoutes
from rising_bsm.marketplace.blobs.store import Blobs
from rising_bsm.marketplace.catalogue.routes import CatalogueRoutes
from rising_bsm.marketplace.catalogue.service import Catalogue
from rising_bsm.marketplace.index import Index, IndexRoutes
from rising_bsm.marketplace.operating.operation import Operation
from rising_bsm.marketplace.publishing.office import Office
from rising_bsm.marketplace.selling import Selling
from rising_bsm.runtime import Cipher
from rising_bsm.runtime.system import SystemAnswer, SystemPlugin, SystemRequest
from rising_bsm.sandbox import Pool

MANIFEST: Manifest = make_manifest(
    {
        "publisher": MARKETPLACE.partition(".")[0],
        "name": MARKETPLACE.partition(".")[2],
        "version": "1.0.0",
        "display_name": "Marketplace",
        "description": "Plugins to be had, their versions, reviews and licences; and what publishers submit.",
        "license": "MIT",
        "type": "mixed",
        "main": "rising_bsm.marketplace.market:Market",
        "host": ">=0",
        # Its answers to strangers: the catalogue, the index and the bundles, as any shop window.
        "permissions": [
            {"code": ANSWERS_STRANGERS, "reason": "Instances and visitors read the catalogue unannounced."}
        ],
    }
)


class Market:
    """The operator's side of the marketplace, on `database`, with bundles at `blobs` (a folder or `s3://…`).

    With `elsewhere`, the address of another instance's marketplace, this one does not host: its routes say so.
    """

    def __init__(self, database: Database, *, cipher: Cipher, blobs: str, pool: Pool, elsewhere: str = "") -> None:
        self.elsewhere = elsewhere
        self.database = database
        self.cipher = cipher
        self._place = blobs
        self._pool = pool

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """What goes on beside answering, until this ends; nothing where the marketplace is elsewhere."""
        async with self.office.open() if self.hosts else nullcontext():
            yield

    @property
    def hosts(self) -> bool:
        """Whether this instance has a marketplace of its own."""
        return not self.elsewhere

    @cached_property
    def blobs(self) -> Blobs:
        """What is handed out; opened when it is first asked for."""
        return Blobs.at(self._place)

    @cached_property
    def catalogue(self) -> Catalogue:
        """What there is, for everybody to read."""
        return Catalogue(self.database)

    @cached_property
    def index(self) -> Index:
        """Which versions exist now, signed."""
        return Index(self.database, self.cipher)

    @cached_property
    def selling(self) -> Selling:
        """Licences, the instances that use them, and reviews."""
        return Selling(self.database, self.cipher, lambda: self.index.signing_key("license"))

    @cached_property
    def office(self) -> Office:
        """Submissions, publishers and what becomes of versions."""
        return Office(self.database, self.cipher, lambda: self.blobs, self.index, self._pool, self.selling.census)

    @cached_property
    def operation(self) -> Operation:
        """How it is doing, for its operator."""
        return Operation(self.database)

    @cached_property
    def plugin(self) -> SystemPlugin:
        """What answers below /api/ext/rising-bsm.marketplace."""
        if self.elsewhere:
            return _Elsewhere(MANIFEST, self._parts(), self.elsewhere)
        return SystemPlugin(MANIFEST, self._parts())

    def _parts(self) -> Sequence[object]:
        own = (CatalogueRoutes(self.catalogue), BlobRoutes(self.catalogue, self.blobs), IndexRoutes(self.index))
        return (*own, *self.selling.parts, *self.office.parts)


class _Elsewhere(SystemPlugin):
    """Has the routes of the marketplace, and answers each by saying where it is."""

    def __init__(self, manifest: Manifest, parts: Sequence[object], url: str) -> None:
        super().__init__(manifest, parts)
        self._url = url

    async def answer(self, export: RouteExport, request: SystemRequest) -> SystemAnswer:
        """Raises NotFound (`marketplace.elsewhere`), whatever was asked."""
        raise NotFound(
            f"This instance has no marketplace of its own: it uses that of {self._url}.",
            code="marketplace.elsewhere",
            place=self._url,
            next_step=f"Ask {self._url}/api/ext/{MARKETPLACE} instead.",
        )
