"""What brings plugins in the order that is wanted, so many from a place on."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    TableClause,
    bindparam,
    case,
    column,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles

from rising_bsm.marketplace.catalogue.search.cursor import Place
from rising_bsm.marketplace.catalogue.search.query import MarketQuery
from rising_bsm.marketplace.catalogue.tables import FACTS, MarketPlugin

_MANY = 5_000
"""From so many on, plugins are gone through in the order that is wanted, instead of found and then sorted."""

_AT_MOST = bindparam("at_most", type_=Integer)
_KEYS = {"relevance": "installs", "installs": "installs", "rating": "score", "newest": "published_at"}


class _ByIndex(TableClause):
    """The plugins' table, of which SQLite reads an index that has all that is asked for, and not the wide rows."""

    inherit_cache = True


@compiles(_ByIndex, "sqlite")
def _indexed(table: _ByIndex, compiler: Any, **options: Any) -> str:
    # Measured with 100,000 plugins: twice as fast for words that many have. SQLite would not choose so by itself.
    named: str = compiler.visit_table(table, **options)
    return f"{named} INDEXED BY {FACTS}" if options.get("asfrom") else named


_COLUMNS = [(one.name, one.type) for one in MarketPlugin.__table__.c]
_WALKED = TableClause("market_plugins", *(column(name, kind) for name, kind in _COLUMNS))
_FOUND = _ByIndex("market_plugins", *(column(name, kind) for name, kind in _COLUMNS))


class Order:
    """The listed plugins that `query` asks for, whatever their words, by what it wants them sorted by.

    `made_for` is the condition under which plugins with this range of host versions are among them.
    """

    def __init__(self, query: MarketQuery, made_for: Callable[[ColumnElement[str]], ColumnElement[bool]]) -> None:
        self._query = query
        self._made_for = made_for

    def all(self, after: Place | None) -> Select[tuple[Any, int]]:
        """The first `at_most` of all that come `after`: what they are sorted by, and their numbers."""
        return self._rows(_WALKED, after).limit(_AT_MOST)

    def among(self, numbers: Select[tuple[int]], after: Place | None) -> CompoundSelect[tuple[Any, int]]:
        """As `all`, of those whose `number` is one of these."""
        few = numbers.limit(_MANY).cte("few")
        are_few = select(func.count()).select_from(few).scalar_subquery() < _MANY
        # A limit of nothing is looked at before anything else, so only one of both is done.
        found = self._rows(_FOUND, after).where(_FOUND.c.number == few.c.number)
        # Without the sum, SQLite would look up each of the many, and sort them.
        walked = self._rows(_WALKED, after).where((_WALKED.c.number + 0).in_(numbers))
        ways = (found.limit(case((are_few, _AT_MOST), else_=0)), walked.limit(case((are_few, 0), else_=_AT_MOST)))
        return union_all(*(select(way.subquery()) for way in ways))

    def _rows(self, plugins: TableClause, after: Place | None) -> Select[tuple[Any, int]]:
        key, number = plugins.c[_KEYS[self._query.sort]], plugins.c.number
        beyond = [key <= after.key, or_(key < after.key, number < after.number)] if after else []
        rows = select(key.label("key"), number).where(*self._always(plugins), *beyond)
        return rows.order_by(key.desc(), number.desc())

    def _always(self, plugins: TableClause) -> list[ColumnElement[bool]]:
        asked = {"type": self._query.type, "pricing": self._query.pricing}
        equal = [plugins.c[name] == value for name, value in asked.items() if value is not None]
        return [plugins.c.listed.is_(True), *equal, self._made_for(plugins.c.host)]
