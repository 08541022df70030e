"""What plugins have done and what it took, by the questions that are asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.validation import Input
from rising_bsm.db import Database, iso, now
from rising_bsm.errors import NotFound
from rising_bsm.runtime.accounting.course import FAILED, PARTS, Measured, Part, Period, course
from rising_bsm.runtime.accounting.tables import PluginExecution

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class ExecutionQuery(Input):
    """Which calls of a plugin, the newest first: at most `limit`, those that came before the one named `before`.

    Text as it comes in a URL is understood.
    """

    refusal: ClassVar[str] = "plugins.invalid_query"

    status: Literal["ok", "refused", "failed", "timeout", "busy", "too_deep", "cancelled"] | None = None
    kind: Literal["route", "before", "after", "schedule", "lifecycle", "component", "action", "frame"] | None = None
    entry: Annotated[str, Field(max_length=200)] | None = None
    since: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: UUID | None = None


@dataclass(frozen=True)
class ExecutionPage:
    """Some calls, the newest first; `next` is the `before` of the page after it, None on the last."""

    items: Sequence[PluginExecution]
    next: UUID | None

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        return {"items": [item.as_dict() for item in self.items], "next": self.next and str(self.next)}


class Executions:
    """The records of calls in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, plugin_id: str, query: ExecutionQuery) -> ExecutionPage:
        """One page of the plugin's calls."""
        newest = _matching(plugin_id, query).order_by(PluginExecution.id.desc()).limit(query.limit + 1)
        async with self._database.reading() as session:
            found = (await session.scalars(newest)).all()
        items = found[: query.limit]
        return ExecutionPage(items, items[-1].id if len(found) > query.limit else None)

    async def get(self, plugin_id: str, execution_id: UUID) -> PluginExecution:
        """One call of the plugin. Raises NotFound (`plugins.no_such_execution`)."""
        async with self._database.reading() as session:
            found = await session.get(PluginExecution, execution_id)
        if found is None or found.plugin_id != plugin_id:
            raise NotFound(
                "There is no record of such a call.",
                code="plugins.no_such_execution",
                place=str(execution_id),
                next_step="Records are kept for seven days, of each plugin the newest 10,000.",
            )
        return found

    async def today(self) -> dict[str, tuple[int, int]]:
        """How many calls each plugin had in the last 24 hours, and how many of them failed."""
        failures = func.sum(case((PluginExecution.status.in_(FAILED), 1), else_=0))
        recent = PluginExecution.id >= _first_id(now() - PERIODS["day"])
        counted = select(PluginExecution.plugin_id, func.count(), failures).where(recent)
        async with self._database.reading() as session:
            rows = (await session.execute(counted.group_by(PluginExecution.plugin_id))).all()
        return {plugin_id: (calls, int(failed)) for plugin_id, calls, failed in rows}

    async def entries(self, plugin_id: str) -> Sequence[str]:
        """What the plugin was asked, of the calls of which there are records, in order."""
        entry = PluginExecution.entry
        query = select(entry).where(PluginExecution.plugin_id == plugin_id).distinct().order_by(entry).limit(200)
        async with self._database.reading() as session:
            return (await session.scalars(query)).all()

    async def course(self, plugin_id: str, period: Period) -> Sequence[Part]:
        """How the plugin's calls went in the hour, day or week that ends now."""
        moment, (count, length) = now(), PARTS[period]
        record = PluginExecution
        recent = record.plugin_id == plugin_id, record.id >= _first_id(moment - count * length)
        columns = select(record.at, record.status, record.fuel, record.wall_ms).where(*recent)
        async with self._database.reading() as session:
            rows = (await session.execute(columns)).all()
        return course((Measured(*row) for row in rows), period, moment)

    async def usage(self, plugin_id: str) -> dict[str, Any]:
        """What the plugin took in the last hour and day, of the calls of which there are records; times in ms."""
        moment = now()
        async with self._database.reading() as session:
            return {name: await _summary(session, plugin_id, moment - period) for name, period in PERIODS.items()}


def _matching(plugin_id: str, query: ExecutionQuery) -> Select[PluginExecution]:
    chosen = select(PluginExecution).where(PluginExecution.plugin_id == plugin_id)
    for name in ("status", "kind", "entry"):
        wanted = getattr(query, name)
        if wanted is not None:
            chosen = chosen.where(getattr(PluginExecution, name) == wanted)
    if query.since is not None:
        chosen = chosen.where(PluginExecution.id >= _first_id(query.since))
    return chosen if query.before is None else chosen.where(PluginExecution.id < query.before)


async def _summary(session: AsyncSession, plugin_id: str, since: datetime) -> dict[str, Any]:
    record = PluginExecution
    recent = record.plugin_id == plugin_id, record.id >= _first_id(since)
    failures = func.sum(case((record.status.in_(FAILED), 1), else_=0))
    sums = [func.sum(column) for column in (record.fuel, record.host_calls, record.cost)]
    row = (await session.execute(select(func.count(), failures, *sums).where(*recent))).one()
    count, failed, fuel, host_calls, cost = (int(value or 0) for value in row)
    slowest = {
        f"p{percent}_ms": await _wall(session, recent, count * percent // 100 if count else None)
        for percent in (50, 95)
    }
    counted = {"calls": count, "failures": failed, "fuel": fuel, "host_calls": host_calls, "cost": cost}
    return {"since": iso(since)} | counted | slowest


async def _wall(session: AsyncSession, recent: tuple[Any, ...], place: int | None) -> float | None:
    """The wall time of the call at this place among them, the fastest being at 0."""
    if place is None:
        return None
    ordered = select(PluginExecution.wall_ms).where(*recent).order_by(PluginExecution.wall_ms)
    return await session.scalar(ordered.offset(place).limit(1))


def _first_id(since: datetime) -> UUID:
    # An id begins with the milliseconds since 1970 at which it was made.
    return UUID(int=max(0, int(since.timestamp() * 1_000)) << 80)
