"""An instance's side of the marketplace, put together."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from rising_bsm.accounts import Actor
from rising_bsm.business.notifications import Notifications
from rising_bsm.db import Database, now
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.held import About, HeldLicences
from rising_bsm.plugins.licences.warning import Warner
from rising_bsm.plugins.market.acquiring import Places
from rising_bsm.plugins.market.acquisitions import Acquisitions
from rising_bsm.plugins.market.advisories import Advisories
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.downloading import Downloads
from rising_bsm.plugins.market.health import Health
from rising_bsm.plugins.market.index import IndexClient
from rising_bsm.plugins.market.journal import Journal
from rising_bsm.plugins.market.pictures import Pictures
from rising_bsm.plugins.market.prospects import Prospects
from rising_bsm.plugins.market.reporting import Reports, from_marketplace
from rising_bsm.plugins.market.reviewing import Reviewing
from rising_bsm.plugins.market.shopping import Shopping
from rising_bsm.plugins.market.transport import Transport
from rising_bsm.plugins.market.updates import COOLDOWN, Updates
from rising_bsm.plugins.market.upkeep import Job, Upkeep
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime import Runtime
from rising_bsm.runtime.settings import Cipher

HEARTBEAT, UPDATES, ACQUISITIONS, JOURNAL = "heartbeat", "updates", "acquisitions", "journal"


@dataclass(frozen=True)
class MarketSide:
    """Everything with which an instance deals with its marketplace."""

    client: MarketClient
    index: IndexClient
    identity: Identity
    held: HeldLicences
    acquisitions: Acquisitions
    updates: Updates
    advisories: Advisories
    health: Health
    upkeep: Upkeep
    shopping: Shopping
    prospects: Prospects
    pictures: Pictures
    reviewing: Reviewing


async def _nothing_said() -> About:
    return About()


def open_side(
    database: Database,
    runtime: Runtime,
    plugins: Plugins,
    transport: Transport,
    cipher: Cipher,
    *,
    folder: Path,
    actor_of: Callable[[UUID], Awaitable[Actor]],
    pinned_root: str = "",
    cooldown: timedelta = COOLDOWN,
    about: Callable[[], Awaitable[About]] = _nothing_said,
    clock: Callable[[], datetime] = now,
) -> MarketSide:
    """The side of the instance with these plugins; what it remembers and downloads is in `folder`.

    Nothing runs before `upkeep` is entered, and `acquisitions` must be closed.
    """
    identity, notifications = Identity(database, cipher), Notifications(database)
    client = MarketClient(transport, identity)
    index = IndexClient(folder / "index", client.index_file, pinned_root or None)
    keys, report = index.licence_keys, Reports(database)
    held = HeldLicences(database, cipher, identity, client, keys, report=report, about=about, clock=clock)
    downloads, journal = Downloads(folder / "downloads"), Journal(database)

    async def schedule() -> None:
        await upkeep.hurry(HEARTBEAT)

    places = Places(database, plugins, client, index, held, identity, downloads, journal, schedule)
    acquisitions = Acquisitions(places, cipher, actor_of)
    updates = Updates(database, plugins, index, acquisitions, notifications, cooldown, clock)
    advisories = Advisories(database, plugins, index, notifications)
    shopping = Shopping(database, client)
    health = Health(plugins, updates, notifications, clock)

    async def beat() -> None:
        # Who has nothing from there says nothing there.
        if await held.all() or await from_marketplace(database):
            await held.beat()
        for licensed, _hint in await held.all():
            await index.saw(licensed.licence.issued_at)

    async def look() -> None:
        if await from_marketplace(database):
            await updates.look()
            await advisories.look()
            await updates.apply_due()

    jobs = {
        ACQUISITIONS: Job(acquisitions.resume, timedelta(minutes=1)),
        HEARTBEAT: Job(beat, timedelta(hours=1)),
        UPDATES: Job(look, timedelta(hours=6)),
        JOURNAL: Job(journal.prune, timedelta(days=1)),
    }
    if runtime.safe_mode:
        # What is installed stays as it is as long as nothing of it can run.
        jobs = {HEARTBEAT: jobs[HEARTBEAT]}
    upkeep = Upkeep(database, jobs, clock)
    plugins.removed.append(acquisitions.removed)
    held.advised.append(advisories.act)
    held.warned.append(Warner(notifications))
    held.verified.append(partial(runtime.tell, name="on_license_verified"))
    runtime.accounting.tripped = health.tripped
    runtime.licences.find = held.find
    prospects, pictures = Prospects(database, client, index), Pictures(client)
    reviewing = Reviewing(client, identity, held)
    known = (client, index, identity, held, acquisitions, updates, advisories, health, upkeep)
    return MarketSide(*known, shopping, prospects, pictures, reviewing)
