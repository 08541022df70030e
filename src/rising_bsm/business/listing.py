"""Lists of entities: counted, in an order, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic

from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from rising_bsm.business.entity import AnEntity

Limit = Annotated[int, Field(ge=1, le=200)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Page(Generic[AnEntity]):
    """Some of the entities that were asked for; `total` is how many there are of them in all."""

    items: Sequence[AnEntity]
    total: int
    limit: int
    offset: int

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        items = [entity.as_dict() for entity in self.items]
        return {"items": items, "total": self.total, "limit": self.limit, "offset": self.offset}


def in_order(
    kind: type[AnEntity], sort: str, column: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> Sequence[ColumnElement[Any]]:
    """By the column, entities that are equal in it by their age; backwards if `sort` begins with a minus."""
    return [key.desc() if sort.startswith("-") else key.asc() for key in (column, kind.id)]


async def count_of(session: AsyncSession, kind: type[AnEntity], conditions: Conditions) -> int:
    """How many entities meet all conditions."""
    return await session.scalar(select(func.count(kind.id)).where(*conditions)) or 0


async def page_of(
    session: AsyncSession,
    kind: type[AnEntity],
    conditions: Conditions,
    order: Sequence[ColumnElement[Any]],
    *,
    limit: int,
    offset: int,
) -> Page[AnEntity]:
    """One page of the entities that meet all conditions, in this order."""
    total = select(func.count(kind.id)).where(*conditions).scalar_subquery()
    # Sorting ids and then reading one page of rows is several times faster than sorting whole rows.
    ids = select(kind.id).where(*conditions).order_by(*order).limit(limit).offset(offset)
    rows = (await session.execute(select(kind, total).where(kind.id.in_(ids)).order_by(*order))).all()
    # Beyond the last page there is no row that could bring the total with it.
    count = rows[0][1] if rows else await count_of(session, kind, conditions)
    return Page([row[0] for row in rows], count, limit, offset)
