"""How the business is doing, at a glance: what there is, what comes next, and how much came in each week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.actor import Actor
from rising_bsm.business.appointments.model import OPEN, Appointment
from rising_bsm.business.customers.model import Customer
from rising_bsm.business.entity import Entity
from rising_bsm.business.requests.model import ServiceRequest
from rising_bsm.db import Database, now

FEW = 6
"""How many of each kind are shown."""

_KINDS: tuple[type[Entity], ...] = (Customer, Appointment, ServiceRequest)


@dataclass(frozen=True)
class Coming:
    """An appointment that is still to come about, and the name of whom it is with."""

    appointment: Appointment
    customer: str | None


@dataclass(frozen=True)
class Overview:
    """What the actor may see of it; `counts` and `weeks` have no entry, and lists are None, for what they may not.

    `counts` has `customers`, `leads`, `appointments` (open ones from now on), `requests` (not done with) and
    `new_requests`; `weeks` has for `customers`, `appointments` and `requests` how many were added between each two
    moments that were asked for.
    """

    counts: dict[str, int]
    weeks: dict[str, list[int]]
    coming: Sequence[Coming] | None
    requests: Sequence[ServiceRequest] | None


class Overviews:
    """Overviews of the business in `database`: four statements each, however much there is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, actor: Actor, borders: Sequence[datetime]) -> Overview:
        """The overview for this actor; the weeks lie between each two of these moments."""
        kinds = [kind for kind in _KINDS if actor.may(f"{kind.noun.plural}.read")]
        async with self._database.reading() as session:
            return Overview(
                counts=await _counts(session, kinds),
                weeks=await _weeks(session, kinds, borders),
                coming=await _coming(session, actor) if Appointment in kinds else None,
                requests=await _new(session) if ServiceRequest in kinds else None,
            )


async def _counts(session: AsyncSession, kinds: Sequence[type[Entity]]) -> dict[str, int]:
    asked = {name: query for kind in kinds for name, query in _questions(kind).items()}
    if not asked:
        return {}
    row = (await session.execute(select(*(query.scalar_subquery() for query in asked.values())))).one()
    return dict(zip(asked, row, strict=True))


def _questions(kind: type[Entity]) -> dict[str, Select[Any]]:
    """What is counted of a kind."""

    def how_many(*conditions: ColumnElement[bool]) -> Select[Any]:
        return select(func.count()).select_from(kind).where(*conditions)

    if kind is Customer:
        return {"customers": how_many(), "leads": how_many(Customer.status == "lead")}
    if kind is Appointment:
        return {"appointments": how_many(Appointment.starts_at >= now(), Appointment.status.in_(OPEN))}
    to_do, new = ServiceRequest.status.in_(("new", "in_progress")), ServiceRequest.status == "new"
    return {"requests": how_many(to_do), "new_requests": how_many(new)}


async def _weeks(
    session: AsyncSession, kinds: Sequence[type[Entity]], borders: Sequence[datetime]
) -> dict[str, list[int]]:
    found = {kind.noun.plural: [0] * (len(borders) - 1) for kind in kinds}
    if found:
        for name, week, count in await session.execute(union_all(*(_by_week(kind, borders) for kind in kinds))):
            found[name][week] = count
    return found


def _by_week(kind: type[Entity], borders: Sequence[datetime]) -> Select[Any]:
    week = case(*((kind.created_at < end, number) for number, end in enumerate(borders[1:]))).label("week")
    within = kind.created_at >= borders[0], kind.created_at < borders[-1]
    return select(literal(kind.noun.plural), week, func.count()).where(*within).group_by("week")


async def _coming(session: AsyncSession, actor: Actor) -> list[Coming]:
    order = Appointment.starts_at, Appointment.id
    open_ones = Appointment.starts_at >= now(), Appointment.status.in_(OPEN)
    query = select(Appointment, Customer.name).join(Customer, Customer.id == Appointment.customer_id, isouter=True)
    rows = await session.execute(query.where(*open_ones).order_by(*order).limit(FEW))
    return [Coming(appointment, name if actor.may("customers.read") else None) for appointment, name in rows]


async def _new(session: AsyncSession) -> Sequence[ServiceRequest]:
    newest = ServiceRequest.created_at.desc(), ServiceRequest.id.desc()
    return (
        await session.scalars(select(ServiceRequest).where(ServiceRequest.status == "new").order_by(*newest).limit(FEW))
    ).all()
