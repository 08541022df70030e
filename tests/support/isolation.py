"""An instance's database looked at from outside: what is in it, and which changes nobody was allowed to make."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import text

from rising_bsm.accounts import PERMISSIONS
from rising_bsm.db import Database, Row
from rising_bsm.runtime import HOST_API, HostFunction

MINE, OTHER = "acme.test", "acme.other"
SECRET = "what is nobody else's business"
ENTITIES = ("customers", "appointments", "requests")
OF_PLUGINS = ("plugin_storage", "plugin_usage", "plugin_settings", "plugin_problems", "plugin_log", "event_deliveries")
LINKS = {"customer_id", "appointment_id"}
"""Links of a service request, which go with what they lead to."""
Snapshot = Mapping[str, Mapping[Any, Mapping[str, Any]]]


async def snapshot(database: Database) -> Snapshot:
    """Every row of every table, by table and primary key."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    async with database.reading() as session:
        for table in Row.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key]
            rows = (await session.execute(text(f"SELECT * FROM {table.name}"))).mappings().all()
            found[table.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


@dataclass(frozen=True)
class Changes:
    """What became of the rows of one table."""

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[tuple[dict[str, Any], dict[str, Any]]]

    @property
    def any(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Snapshot, after: Snapshot, table: str) -> Changes:
    old, new = before[table], after[table]
    return Changes(
        [dict(new[key]) for key in new.keys() - old.keys()],
        [dict(old[key]) for key in old.keys() - new.keys()],
        [(dict(old[key]), dict(new[key])) for key in old.keys() & new.keys() if old[key] != new[key]],
    )


def forbidden(before: Snapshot, after: Snapshot, allowed: Collection[str]) -> list[str]:
    """Each change that took a permission which is not among the allowed, or that no plugin can ever make."""
    wrong = []
    for table in ENTITIES:
        found = changes(before, after, table)
        wrong += [f"{table}.create"] * bool(found.added and f"{table}.create" not in allowed)
        wrong += [f"{table}.delete"] * bool(found.removed and f"{table}.delete" not in allowed)
        written = [pair for pair in found.changed if not _is_link_lost(*pair, allowed)]
        wrong += [f"{table}.update"] * bool(written and f"{table}.update" not in allowed)
    if changes(before, after, "notifications").any and "notifications.send" not in allowed:
        wrong.append("notifications.send")
    known = {*ENTITIES, *OF_PLUGINS, "notifications", "activity", "notes"}
    wrong += [table for table in before if table not in known and changes(before, after, table).any]
    return wrong + [f"{table} of others" for table in OF_PLUGINS if _touches_others(changes(before, after, table))]


def _is_link_lost(old: dict[str, Any], new: dict[str, Any], allowed: Collection[str]) -> bool:
    lost = {name for name in old if old[name] != new[name]}
    gone = {"customer_id": "customers.delete", "appointment_id": "appointments.delete"}
    return lost <= LINKS and all(new[name] is None and gone[name] in allowed for name in lost)


def _touches_others(found: Changes) -> bool:
    rows = [*found.added, *found.removed, *(row for pair in found.changed for row in pair)]
    return any(row["plugin_id"] != MINE and not str(row.get("name")).startswith(f"{MINE}:") for row in rows)


def host_calls(ids: Collection[str]) -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    """Sequences of calls of any host functions, with arguments that are often good, or others' things."""
    single = [one for one in HOST_API if one.name != "batch"]
    one = st.sampled_from(single).flatmap(lambda function: _call(function, ids))
    batch = st.lists(one, min_size=1, max_size=6).map(
        lambda calls: ("batch", {"calls": [{"name": name, "arguments": arguments} for name, arguments in calls]})
    )
    return st.lists(st.one_of(one, one, one, batch), min_size=1, max_size=10)


def _call(function: HostFunction, ids: Collection[str]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    pools = {name: _values(function.name, name, ids) for name in function.arguments.model_fields}
    known = {name: values for name, values in pools.items() if values is not None}
    needed = {name for name, field in function.arguments.model_fields.items() if field.is_required()}
    required = {name: values for name, values in known.items() if name in needed}
    optional = {name: values for name, values in known.items() if name not in needed}
    return st.tuples(st.just(function.name), st.fixed_dictionaries(required, optional=optional))


def _values(function: str, argument: str, ids: Collection[str]) -> st.SearchStrategy[Any] | None:
    if argument in ("fields", "changes", "into"):
        return st.fixed_dictionaries({}, optional=_DRAFT | {"customer_id": st.sampled_from([*ids])}).flatmap(
            lambda some: st.sampled_from([some, some | _GOOD.get(function.partition(".")[0], {})])
        )
    if argument in ("id", "user_id"):
        return st.sampled_from([*ids])
    return _ARGUMENTS.get(argument)


_GOOD: dict[str, dict[str, Any]] = {
    "customers": {"name": "Eve", "email": "eve@x.example"},
    "appointments": {"title": "Visit", "starts_at": "2031-01-31T12:00:00Z", "duration_minutes": 30},
    "requests": {"name": "Eve", "email": "eve@x.example", "service": "Roof"},
}
_DRAFT: dict[str, st.SearchStrategy[Any]] = {
    "city": st.sampled_from(["Bonn", "Trier"]),
    "email": st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]),
    "status": st.sampled_from(["active", "lead", "confirmed", "completed", "in_progress"]),
    "customer": st.just({}),
    "appointment": st.just(_GOOD["appointments"]),
}
_KEYS = st.sampled_from(["k", "key", OTHER, f"{OTHER}/k", f"../{OTHER}/k", f"{OTHER}\x00k", "%", "_", ""])
_ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "key": _KEYS,
    "prefix": _KEYS,
    "value": st.sampled_from([1, None, "x", {"a": 1}]),
    "expected": st.sampled_from([1, None, SECRET]),
    "absent": st.booleans(),
    "by": st.integers(-5, 5),
    "limit": st.integers(1, 200),
    "offset": st.integers(0, 2),
    "search": st.sampled_from(["", "a", "%"]),
    "role": st.sampled_from(["admin", "manager", "employee"]),
    "unread": st.booleans(),
    "topic": st.sampled_from(["news", f"{OTHER}:news", "customers.create", OTHER]),
    "payload": st.sampled_from([None, {"a": 1}]),
    "title": st.just("Hello"),
    "message": st.just("Hello"),
    "level": st.sampled_from(["info", "warning"]),
    "details": st.just({"plugin_id": OTHER}),
    "size": st.integers(1, 8),
    "method": st.just("GET"),
    "url": st.just("http://127.0.0.1/"),
}

PERMISSION_SETS = st.sets(st.sampled_from(sorted(PERMISSIONS)))
