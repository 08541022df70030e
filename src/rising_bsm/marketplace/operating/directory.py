"""Who publishes on this marketplace, as its operator sees them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor, User
from rising_bsm.accounts.validation import ONE_LINE, Input
from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, Publisher
from rising_bsm.marketplace.publishing.errors import NoPublisher
from rising_bsm.marketplace.submissions.rights import MANAGE


class DirectoryQuery(Input):
    """Which publishers, and how many at once."""

    refusal: ClassVar[str] = "publishers.invalid_query"

    search: Annotated[str, Field(max_length=200), ONE_LINE] = ""
    verified: Literal["true", "false"] | None = None
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 25

    def conditions(self) -> list[ColumnElement[bool]]:
        """What those that are meant have in common."""
        found: list[ColumnElement[bool]] = []
        if self.verified:
            found.append(Publisher.verified.is_(self.verified == "true"))
        if self.search:
            parts = (Publisher.name, Publisher.display_name, Publisher.email)
            found.append(or_(*(part.icontains(self.search, autoescape=True) for part in parts)))
        return found


class Directory:
    """The publishers, for the operator alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, actor: Actor, query: DirectoryQuery) -> dict[str, Any]:
        """`items` by their names, each with how many plugins and installs it has, and `total`, as JSON."""
        actor.require(MANAGE)
        which = query.conditions()
        rows = select(Publisher).where(*which).order_by(Publisher.name).limit(query.limit).offset(query.offset)
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count()).select_from(Publisher).where(*which)) or 0
            found = (await session.scalars(rows)).all()
            counts = await _counts(session, [one.name for one in found])
        return {"items": [_told(one) | counts.get(one.name, _NONE) for one in found], "total": total}

    async def one(self, actor: Actor, name: str) -> dict[str, Any]:
        """The publisher with its plugins and whoever acts for it, as JSON. Raises NoPublisher."""
        actor.require(MANAGE)
        async with self._database.reading() as session:
            publisher = await session.scalar(select(Publisher).where(Publisher.name == name))
            if publisher is None:
                raise NoPublisher(name)
            owner = await session.get(User, publisher.owner_id) if publisher.owner_id else None
            of_it = select(MarketPlugin).where(MarketPlugin.publisher == name).order_by(MarketPlugin.plugin_id)
            plugins = [_plugin(one) for one in await session.scalars(of_it)]
        who = {"name": owner.name, "email": owner.email, "active": owner.active} if owner else None
        return _told(publisher) | {"owner": who, "plugins": plugins}


_NONE = {"plugins": 0, "installs": 0}


async def _counts(session: AsyncSession, names: list[str]) -> dict[str, dict[str, int]]:
    counted = select(MarketPlugin.publisher, func.count(), func.sum(MarketPlugin.installs))
    query = counted.where(MarketPlugin.publisher.in_(names)).group_by(MarketPlugin.publisher)
    rows = (await session.execute(query)).all()
    return {name: {"plugins": plugins, "installs": int(installs or 0)} for name, plugins, installs in rows}


def _told(publisher: Publisher) -> dict[str, Any]:
    return publisher.as_dict() | {"email": publisher.email}


def _plugin(plugin: MarketPlugin) -> dict[str, Any]:
    shown = ("plugin_id", "display_name", "latest_version", "listed", "installs", "downloads", "rating", "pricing")
    return {name: getattr(plugin, name) for name in shown}
