"""What people are shown of points."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from rising_bsm_sdk import Context, Missing, ui

from .levels import level_of

COLUMNS = [ui.Column("name", "Customer"), ui.Column("points", "Points", align="end"), ui.Column("level", "Level")]
PER_PAGE = 20
TONES = {"gold": "warning", "silver": "info"}


def summary(members: Counter[str], settings: Mapping[str, Any]) -> list[ui.Node]:
    """Members and levels as numbers, or what to do to get some."""
    if not members:
        return [ui.Empty("No points yet", text="Customers get them when an appointment is completed.")]
    levels = Counter(level_of(points, settings) or "none" for points in members.values())
    stats = ui.Grid(ui.Stat("Members", len(members)), ui.Stat("Points", members.total()))
    chart = ui.Chart("pie", ["Gold", "Silver", "No level"], {"": _by_level(levels)}, title="Levels")
    return [stats, chart, ui.Link("All members", "members")]


def page(ctx: Context, members: Counter[str], query: Mapping[str, str]) -> ui.Page:
    """One page of all members."""
    ranked = members.most_common()
    pages = max(1, -(-len(ranked) // PER_PAGE))
    asked = query.get("page", "1")
    number = min(int(asked), pages) if asked.isdecimal() and 0 < int(asked) < 10_000 else 1
    lines = [_line(ctx, *one) for one in ranked[(number - 1) * PER_PAGE : number * PER_PAGE]]
    table = ui.Table(COLUMNS, lines, label="Members", page=number, pages=pages, empty="Nobody has points yet.")
    return ui.Page("Loyalty points", table, subtitle="Points for completed appointments.")


def panel(points: int, customer_id: str, settings: Mapping[str, Any], give: Callable[..., Any]) -> list[ui.Node]:
    """The points of one customer, and a form to give more."""
    form = ui.Form(
        ui.Hidden("customer", customer_id),
        ui.NumberField("points", "Points", required=True, whole=True, minimum=1, maximum=1000, value=10),
        action=give,
        submit="Give",
    )
    return [ui.Stat("Points", points), _badge(points, settings), ui.Modal("Give points", "Give points by hand", form)]


def _line(ctx: Context, customer_id: str, points: int) -> ui.Line:
    try:
        name = ui.Link(ctx.customers.get(customer_id)["name"], f"/customers/{customer_id}")
    except Missing:
        name = ui.Text("Somebody who is no customer any more", style="muted")
    return ui.Line({"name": name, "points": points, "level": _badge(points, ctx.settings)})


def _badge(points: int, settings: Mapping[str, Any]) -> ui.Badge:
    level = level_of(points, settings)
    return ui.Badge(level or "no level", tone=TONES.get(level or "", "neutral"))


def _by_level(levels: Counter[str]) -> list[int]:
    return [levels["gold"], levels["silver"], levels["none"]]
