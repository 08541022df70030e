"""What a new instance begins with: keys it trusts and plugins that are there from the start."""

import asyncio
from pathlib import Path

from rising_bsm.accounts.actor import SYSTEM
from rising_bsm.errors import InvalidInput
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.service import Plugins
from rising_bsm.web.settings import Settings


class BundleUnreadable(InvalidInput):
    """A bundle to begin with cannot be read; `place` is its path."""

    code = "settings.bundle"


async def begin(settings: Settings, keys: PublisherKeys, plugins: Plugins) -> None:
    """Trusts the keys and installs the bundles of the settings, as whoever started the instance asked.

    Raises BundleUnreadable and what trusting and installing raise.
    """
    for publisher, public_key in settings.trust:
        await keys.trust(SYSTEM, {"publisher": publisher, "public_key": public_key})
    for path in settings.install:
        await plugins.install(SYSTEM, await asyncio.to_thread(_read, path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleUnreadable(
            f"The bundle cannot be read: {error.strerror}.",
            place=str(path),
            next_step="Name a bundle that `rising-bsm build` made.",
        ) from error
