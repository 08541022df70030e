"""Looking around in the marketplace, with what is known of it here."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import select

from rising_bsm import __version__
from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.accounts.validation import Input
from rising_bsm.bundle.fields import PluginId, Slug
from rising_bsm.db import Database
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.offers import Cards, Offer, Publisher, strange_answer
from rising_bsm.plugins.market.tables import PluginPin
from rising_bsm.plugins.queries import InstalledPlugins

_Text = Annotated[str, Field(max_length=200)]


class SearchQuery(Input):
    """What is looked for in the catalogue, and in which order. Text as it comes in a URL is understood."""

    refusal: ClassVar[str] = "market.invalid_query"

    q: _Text | None = None
    category: _Text | None = None
    tag: _Text | None = None
    type: _Text | None = None
    pricing: Literal["free", "paid"] | None = None
    publisher: _Text | None = None
    sort: Literal["relevance", "installs", "rating", "newest"] | None = None
    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] | None = None
    compatible: bool = True


class _Named(Input):
    refusal: ClassVar[str] = "market.invalid_query"

    plugin: PluginId


class _OfPublisher(Input):
    refusal: ClassVar[str] = "market.invalid_query"

    publisher: Slug


class Shopping:
    """The catalogue of the marketplace, for this host. Every method raises PermissionDenied unless the actor has
    `plugins.manage`, MarketRefused and MarketUnreachable."""

    def __init__(self, database: Database, market: MarketClient) -> None:
        self._database = database
        self._market = market

    async def search(self, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
        """A page of it: `items`, each with the version that is `installed` here, and `next`. Raises InvalidInput.

        Only plugins that are made for this host, unless the query says `compatible=false`.
        """
        actor.require("plugins.manage")
        wanted = SearchQuery.of(query)
        asked = wanted.model_dump(exclude_none=True, exclude={"compatible"})
        page = await self._market.search(asked | ({"host": __version__} if wanted.compatible else {}))
        if not isinstance(page, Mapping) or not isinstance(page.get("items"), list):
            raise strange_answer()
        here = await self._installed()
        items = [
            item | {"installed": here.get(str(item.get("id")))} for item in page["items"] if isinstance(item, dict)
        ]
        return {"items": items, "next": page.get("next")}

    async def get(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """One plugin of it; `here` has what is installed here, and what it would be allowed here."""
        actor.require("plugins.manage")
        found = await self._market.get(_Named.of({"plugin": plugin_id}).plugin)
        if not isinstance(found, dict):
            raise strange_answer()
        asked = [one for one in found.get("permissions") or () if isinstance(one, (str, dict))]
        allowed = [_allowed(actor, one if isinstance(one, str) else str(one.get("code"))) for one in asked]
        async with self._database.reading() as session:
            plugin = await InstalledPlugins(session).by_plugin_id(plugin_id)
            pin = await session.scalar(select(PluginPin).where(PluginPin.plugin_id == plugin_id))
        installed = {"installed": plugin and plugin.version, "state": plugin and str(plugin.state)}
        followed = {"channel": pin and pin.channel, "pinned": pin and pin.version}
        return found | {"here": {"host": __version__, "permissions": allowed} | installed | followed}

    async def cards(self, actor: Actor, query: Mapping[str, Any]) -> Cards:
        """As `search`, with everything read."""
        return Cards.read(await self.search(actor, query))

    async def offer(self, actor: Actor, plugin_id: str) -> Offer:
        """As `get`, with everything read, and the version that is installed here."""
        found = await self.get(actor, plugin_id)
        return Offer.read(found | {"installed": found["here"]["installed"]})

    async def publisher(self, actor: Actor, name: str) -> Publisher:
        """A publisher of the marketplace. Raises InvalidInput."""
        actor.require("plugins.manage")
        return Publisher.read(await self._market.publisher(_OfPublisher.of({"publisher": name}).publisher))

    async def _installed(self) -> dict[str, str]:
        async with self._database.reading() as session:
            return {str(one.plugin_id): str(one.version) for one in await InstalledPlugins(session).named()}


def _allowed(actor: Actor, code: str) -> dict[str, Any]:
    if code not in PERMISSIONS:
        return {"code": code, "may": None, "grantable": False, "why": "There is no such permission here."}
    if code in PEOPLE_ONLY:
        return {"code": code, "may": PERMISSIONS[code], "grantable": False, "why": "No plugin is allowed this."}
    grantable = actor.may(code)
    return {"code": code, "may": PERMISSIONS[code], "grantable": grantable} | (
        {} if grantable else {"why": "You cannot grant what you may not do yourself."}
    )
