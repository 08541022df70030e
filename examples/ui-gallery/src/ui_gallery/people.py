"""A table that is sorted by its headings, turned page by page, and changed line by line."""

from collections.abc import Mapping
from typing import Any

from rising_bsm_sdk import Context, ui

PEOPLE = [
    ("Ada Abel", 31),
    ("Bo Brandt", 7),
    ("Cleo Conrad", 54),
    ("Dan Dorn", 12),
    ("Eva Ernst", 23),
    ("Finn Falk", 2),
]
PER_PAGE = 4
COLUMNS = [
    ui.Column("name", "Name", sortable=True),
    ui.Column("visits", "Visits", sortable=True, align="end"),
    ui.Column("level", "Level"),
]


def table(ctx: Context, query: Mapping[str, str], plugin: Any) -> ui.Table:
    """One page of the people who are left."""
    gone = ctx.storage.list("removed/")
    sort = query.get("people.sort", "name")
    people = [one for one in PEOPLE if f"removed/{one[0]}" not in gone]
    people.sort(key=lambda one: one[1] if sort.endswith("visits") else one[0], reverse=sort.startswith("-"))
    pages = max(1, -(-len(people) // PER_PAGE))
    page = min(_number(query.get("people.page", "1")), pages)
    lines = [_line(name, visits, plugin) for name, visits in people[(page - 1) * PER_PAGE : page * PER_PAGE]]
    shown = {"sort": sort, "page": page, "pages": pages}
    return ui.Table(COLUMNS, lines, label="People", name="people", empty="Nobody is left.", **shown)


def _line(name: str, visits: int, plugin: Any) -> ui.Line:
    level = ui.Badge("gold", tone="warning") if visits > 20 else None
    remove = ui.Button("Remove", plugin.remove, values={"name": name}, confirm=f"Remove {name}?", style="danger")
    return ui.Line({"name": name, "visits": visits, "level": level}, actions=[remove])


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < int(text) < 1000 else 1
