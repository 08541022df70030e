"""What an uninstalled plugin has left behind comes back when its publisher's plugin is installed again."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.bundle import TrustedKey
from rising_bsm.errors import Conflict
from rising_bsm.plugins import snapshots
from rising_bsm.plugins.market.tables import KEPT
from rising_bsm.plugins.tables import InstalledPlugin


class DataOfAnother(Conflict):
    """Data are kept here that a plugin of this name has left, and nobody knows that this is by the same publisher."""

    code = "plugins.data_of_another"


async def bring_back_kept(session: AsyncSession, plugin: InstalledPlugin, keys: Collection[TrustedKey]) -> None:
    """The plugin has stored what was kept of it, if anything was; that stays kept until the plugin is active.

    It is by the same publisher if it is signed with the key of then, or that key is still trusted for the publisher.
    Raises DataOfAnother.
    """
    plugin_id = str(plugin.plugin_id)
    kept = await snapshots.find(session, plugin_id, KEPT)
    if kept is None:
        return
    publisher = plugin_id.partition(".")[0]
    trusted = {key.public_key.key_id for key in keys if key.publisher == publisher}
    if kept.key_id != plugin.key_id and kept.key_id not in trusted:
        raise DataOfAnother(
            f"What {plugin_id} {kept.version} stored is kept here; the key that signed it is not trusted any more.",
            place=plugin_id,
            next_step=f"If you do not need the data, remove them first: DELETE /api/plugins/{plugin_id}?data=delete.",
        )
    await snapshots.restore(session, kept)
