"""Plugins of the marketplace, for those who manage plugins: found, installed, updated, and advised against."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.response import Stream
from pydantic import Field, StrictStr

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.fields import VersionText
from rising_bsm.plugins.market.drafts import InstallDraft
from rising_bsm.plugins.market.shopping import SearchQuery
from rising_bsm.plugins.market.side import MarketSide
from rising_bsm.plugins.market.steps import Step
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


class Accepted(Input):
    """What the new version asks for in addition, and is granted: permissions by code, places as `POST:https://...`."""

    refusal: ClassVar[str] = "market.invalid_update"

    accept: Annotated[tuple[StrictStr, ...], Field(max_length=100)] = ()


class Pin(Input):
    """The version at which the plugin stays, null for none; and the channel it follows."""

    refusal: ClassVar[str] = "market.invalid_pin"

    version: VersionText | None = None
    channel: Literal["stable", "beta"] | None = None


@get("/plugins", operation_class=asked(SearchQuery))
async def search_market(request: StrictRequest, actor: Actor, market_side: MarketSide) -> Any:
    """A page of the marketplace's catalogue. Needs `plugins.manage`."""
    return await market_side.shopping.search(actor, dict(request.query_params))


@get("/plugins/{plugin_id:str}")
async def get_market_plugin(plugin_id: str, actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """One plugin of the marketplace; `here` says which version is installed here, and what it would be allowed. Needs
    `plugins.manage`."""
    return await market_side.shopping.get(actor, plugin_id)


@post("/installs", status_code=202)
async def begin_install(
    data: Annotated[Any, described(InstallDraft)], actor: Actor, market_side: MarketSide
) -> dict[str, Any]:
    """Begins to install a plugin of the marketplace, and grants all that it needs. Needs `plugins.manage`."""
    return (await market_side.acquisitions.install(actor, data)).as_dict()


@get("/installs", opt={READS: True})
async def list_installs(actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """The newest installations and updates from the marketplace, and how far each is. Needs `plugins.manage`."""
    return {"items": [row.as_dict() for row in await market_side.acquisitions.newest(actor)]}


@get("/installs/{install_id:uuid}", opt={READS: True})
async def get_install(install_id: UUID, actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """One of them. Needs `plugins.manage`."""
    return (await market_side.acquisitions.get(actor, install_id)).as_dict()


@get("/installs/{install_id:uuid}/events")
async def follow_install(request: StrictRequest, install_id: UUID, actor: Actor, market_side: MarketSide) -> Stream:
    """Its steps as server-sent events, as they are taken, until the last; after `Last-Event-ID` on. Needs
    `plugins.manage`."""
    await market_side.acquisitions.get(actor, install_id)
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 5 else 0
    events = _events(market_side.acquisitions.watch(actor, install_id, after))
    # Nobody on the way may wait until there is more.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(events, media_type="text/event-stream", headers=headers)


@get("/updates", opt={READS: True})
async def list_updates(actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """The newest version of each plugin that has one: what is different, and what becomes of it. Needs
    `plugins.manage`."""
    return {"items": [row.as_dict() for row in await market_side.updates.list(actor)]}


@post("/updates/check", status_code=200)
async def check_updates(actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """As the list of updates, after asking the marketplace. Needs `plugins.manage`."""
    found = await market_side.updates.check(actor)
    await market_side.advisories.look()
    return {"items": [row.as_dict() for row in found]}


@post("/updates/{plugin_id:str}/apply", status_code=202)
async def apply_update(
    plugin_id: str, data: Annotated[Any, described(Accepted)], actor: Actor, market_side: MarketSide
) -> dict[str, Any]:
    """Begins to put the newest version in the place of the installed one. Needs `plugins.manage`.

    What it asks for in addition and is not accepted ends it with `plugins.new_permissions`, and nothing is changed.
    """
    accepted = Accepted.of({} if data is None else data)
    return (await market_side.updates.apply(actor, plugin_id, accepted.accept)).as_dict()


@post("/updates/{plugin_id:str}/pin", status_code=200)
async def pin_plugin(
    plugin_id: str, data: Annotated[Any, described(Pin)], actor: Actor, market_side: MarketSide
) -> dict[str, Any]:
    """The plugin stays at its version, or with null follows its channel again. Needs `plugins.manage`."""
    wanted = Pin.of(data)
    pin = await market_side.updates.pin(actor, plugin_id, wanted.version, wanted.channel)
    return {"plugin_id": pin.plugin_id, "version": pin.version, "channel": pin.channel}


@get("/advisories", opt={READS: True})
async def list_advisories(actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """What the marketplace says against versions that are installed here. Needs `plugins.manage`."""
    return {"items": [row.as_dict() for row in await market_side.advisories.list(actor)]}


@post("/advisories/{plugin_id:str}/override", status_code=200)
async def override_advisory(plugin_id: str, actor: Actor, market_side: MarketSide) -> dict[str, Any]:
    """The installed version may be switched on although the marketplace has taken it back. Needs `plugins.manage`."""
    return (await market_side.advisories.override(actor, plugin_id)).as_dict()


async def _events(steps: AsyncIterator[Step]) -> AsyncIterator[bytes]:
    async for step in steps:
        # Bytes that have arrived are no event to go on after.
        name = f"id: {step.number}\nevent: step" if step.total is None else "event: progress"
        yield f"{name}\ndata: {json.dumps(step.as_dict())}\n\n".encode()


router = Router(
    "/market",
    route_handlers=[
        search_market,
        get_market_plugin,
        begin_install,
        list_installs,
        get_install,
        follow_install,
        list_updates,
        check_updates,
        apply_update,
        pin_plugin,
        list_advisories,
        override_advisory,
    ],
    tags=["Marketplace"],
)
