"""What a plugin had stored and how it was set, kept so that it can come back; always inside somebody's transaction."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.db import uuid7
from rising_bsm.plugins.market.tables import KEPT, Snapshot, snapshot_entries
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.runtime.storage import hold_storage
from rising_bsm.runtime.tables import plugin_settings, plugin_storage, plugin_usage

_ENTRY, _COPY, _SET = plugin_storage.c, snapshot_entries.c, plugin_settings.c


async def take(session: AsyncSession, plugin: InstalledPlugin, role: str) -> None:
    """Keeps what the plugin has stored and how it is set at this moment, as that of this role."""
    plugin_id = str(plugin.plugin_id)
    await drop(session, plugin_id, [role])
    used = await hold_storage(session, plugin_id)
    snapshot = Snapshot(
        id=uuid7(),
        plugin_id=plugin_id,
        role=role,
        version=plugin.version,
        key_id=plugin.key_id,
        storage_bytes=used,
        settings=await _settings(session, plugin_id),
    )
    session.add(snapshot)
    entries = select(literal(snapshot.id, _COPY.snapshot_id.type), _ENTRY.key, _ENTRY.value, _ENTRY.size)
    await _copy(session, snapshot_entries, ["snapshot_id"], entries.where(_ENTRY.plugin_id == plugin_id))


async def find(session: AsyncSession, plugin_id: str, role: str) -> Snapshot | None:
    """The plugin's snapshot of this role."""
    return await session.scalar(select(Snapshot).where(Snapshot.plugin_id == plugin_id, Snapshot.role == role))


async def restore(session: AsyncSession, snapshot: Snapshot) -> None:
    """The plugin has stored again what it had then, and is set as it was; what it has now is gone."""
    plugin_id = snapshot.plugin_id
    await hold_storage(session, plugin_id)
    await session.execute(delete(plugin_storage).where(_ENTRY.plugin_id == plugin_id))
    entries = select(literal(plugin_id), _COPY.key, _COPY.value, _COPY.size)
    await _copy(session, plugin_storage, ["plugin_id"], entries.where(_COPY.snapshot_id == snapshot.id))
    mine = plugin_usage.c.plugin_id == plugin_id
    await session.execute(update(plugin_usage).where(mine).values(storage_bytes=snapshot.storage_bytes))
    await session.execute(delete(plugin_settings).where(_SET.plugin_id == plugin_id))
    if snapshot.settings:
        names = ("name", "value", "encrypted")
        rows = [dict(zip(names, one, strict=True)) | {"plugin_id": plugin_id} for one in snapshot.settings]
        await session.execute(insert(plugin_settings), rows)


async def differs(session: AsyncSession, snapshot: Snapshot) -> bool:
    """Whether the plugin has stored something else than it had then, or is set otherwise."""
    if await _settings(session, snapshot.plugin_id) != [list(one) for one in snapshot.settings]:
        return True
    mine, theirs = _ENTRY.plugin_id == snapshot.plugin_id, _COPY.snapshot_id == snapshot.id
    counts = [select(func.count()).where(one).scalar_subquery() for one in (mine, theirs)]
    unlike = or_(_COPY.value.is_(None), _COPY.value != _ENTRY.value)
    joined = plugin_storage.outerjoin(snapshot_entries, (_COPY.key == _ENTRY.key) & theirs)
    changed = exists(select(_ENTRY.key).select_from(joined).where(mine, unlike))
    return bool(await session.scalar(select(or_(counts[0] != counts[1], changed))))


async def drop(session: AsyncSession, plugin_id: str, roles: Collection[str] | None = None) -> None:
    """Removes the plugin's snapshots of these roles; of all but KEPT, if none are named."""
    chosen = Snapshot.role.in_(list(roles)) if roles is not None else Snapshot.role != KEPT
    ids = select(Snapshot.id).where(Snapshot.plugin_id == plugin_id, chosen)
    await session.execute(delete(snapshot_entries).where(_COPY.snapshot_id.in_(ids)))
    await session.execute(
        delete(Snapshot).where(Snapshot.plugin_id == plugin_id, chosen),
        execution_options={"synchronize_session": False},
    )


async def rename(session: AsyncSession, plugin_id: str, role: str, new_role: str) -> None:
    """The snapshot of one role, if there is one, is that of another, of which there is none."""
    mine = Snapshot.plugin_id == plugin_id, Snapshot.role == role
    renamed = update(Snapshot).where(*mine).values(role=new_role)
    await session.execute(renamed, execution_options={"synchronize_session": False})


async def _copy(session: AsyncSession, table: Any, owner: list[str], entries: Select[Any]) -> None:
    await session.execute(insert(table).from_select([*owner, "key", "value", "size"], entries))


async def _settings(session: AsyncSession, plugin_id: str) -> list[list[Any]]:
    found = select(_SET.name, _SET.value, _SET.encrypted).where(_SET.plugin_id == plugin_id).order_by(_SET.name)
    return [list(row) for row in (await session.execute(found)).all()]
