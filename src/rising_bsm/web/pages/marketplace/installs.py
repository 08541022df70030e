"""Installations and updates on their way: each step as it is taken, and how it ends."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotFound
from rising_bsm.plugins.admission import NewPermissions
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.market.steps import STEPS, UPDATE_STEPS
from rising_bsm.plugins.market.tables import Acquisition, Progress
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.web.pages.marketplace import words
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_OF_LICENCES = frozenset({"licensed", "reserved", "token"})


@dataclass(frozen=True)
class Line:
    """A step: what is done, and whether it is `done`, done `now`, `failed`, or comes `later`."""

    name: str
    label: str
    state: str


@get("/installs", opt={READS: True})
async def list_installs(request: StrictRequest, actor: Actor, market_side: MarketSide) -> Response[str]:
    """The newest of them."""
    return page(request, "marketplace/installs.html", items=await market_side.acquisitions.newest(actor))


@get("/installs/{install_id:uuid}", opt={READS: True})
async def show_install(
    request: StrictRequest, actor: Actor, market_side: MarketSide, plugins: Plugins, install_id: UUID
) -> Response[str]:
    """One of them; the page asks again and again until it has ended."""
    row = await market_side.acquisitions.get(actor, install_id)
    about: dict[str, Any] = {"row": row, "lines": lines_of(row), "arrived": market_side.acquisitions.arrived(row.id)}
    about["plugin"] = await _installed(actor, plugins, row) if row.state == Progress.DONE else None
    about["asked"] = _asked_in_addition(row)
    return page(request, "marketplace/progress.html", **about, words=words)


def lines_of(row: Acquisition) -> list[Line]:
    """Its steps in their order; those of licences only where there is one to speak of."""
    taken = {step["name"] for step in row.steps}
    order = STEPS if row.kind == "install" else UPDATE_STEPS
    meant = [name for name in order if name in taken or name not in _OF_LICENCES or row.licence != "held"]
    last = next((at for at in range(len(meant), 0, -1) if meant[at - 1] in taken), 0)
    at_it = "now" if row.state == Progress.RUNNING else "failed" if row.state != Progress.DONE else "done"
    return [
        Line(name, words.STEPS[name], "done" if number < last else at_it if number == last else "later")
        for number, name in enumerate(meant)
    ]


def _asked_in_addition(row: Acquisition) -> dict[str, str]:
    """What a person may accept, so that the update is made after all."""
    problem = row.problem or {}
    return dict(problem.get("fields", {})) if problem.get("code") == NewPermissions.code else {}


async def _installed(actor: Actor, plugins: Plugins, row: Acquisition) -> InstalledPlugin | None:
    try:
        return await plugins.get(actor, row.plugin_id)
    except NotFound:  # uninstalled since
        return None


HANDLERS = (list_installs, show_install)
