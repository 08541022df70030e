"""The instance's side of the marketplace, with what the settings say of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from rising_bsm.accounts.service import Accounts
from rising_bsm.db import Database
from rising_bsm.plugins.licences.held import About
from rising_bsm.plugins.licences.surroundings import surroundings_of
from rising_bsm.plugins.market.side import MarketSide, open_side
from rising_bsm.plugins.market.transport import HttpTransport, LocalTransport
from rising_bsm.plugins.service import Plugins
from rising_bsm.runtime import Cipher, Runtime
from rising_bsm.web.settings import Settings


@asynccontextmanager
async def open_market_side(
    settings: Settings, secret: bytes, database: Database, runtime: Runtime, plugins: Plugins, accounts: Accounts
) -> AsyncIterator[MarketSide]:
    """Inside, the instance can install from its marketplace: that of another instance, or its own."""
    transport = HttpTransport(settings.marketplace_url) if settings.marketplace_url else None

    async def about() -> About:
        known = await asyncio.to_thread(surroundings_of, secret, url=settings.base_url, data_dir=settings.data_dir)
        return About(settings.base_url, known)

    side = open_side(
        database,
        runtime,
        plugins,
        transport or LocalTransport(runtime.system),
        Cipher(secret),
        folder=settings.data_dir / "marketplace" / _folder_for(settings.marketplace_url),
        actor_of=accounts.actor_of_user,
        pinned_root=settings.marketplace_root,
        cooldown=timedelta(hours=settings.update_cooldown_hours),
        about=about,
    )
    try:
        async with side.upkeep:
            yield side
    finally:
        await side.acquisitions.close()
        if transport is not None:
            await transport.close()


def _folder_for(url: str) -> str:
    # What was seen of one marketplace's index says nothing of another's, and would refuse it.
    return f"client-{hashlib.sha256(url.encode()).hexdigest()[:16]}" if url else "client"
