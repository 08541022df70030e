"""What is looked for, in the languages of both databases."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, Text, bindparam, cast, column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.search.documents import FIELDS
from rising_bsm.marketplace.catalogue.search.words import Term

TIERS = 5
"""How well a plugin fits: every word is a whole word of its name (0), begins one of its name (1), of its name or tags
(2), of its description too (3), of its readme too (4). It is the best of these and depends on nothing but the plugin,
so that no other plugin changes the order of a search."""

_SQLITE = table("market_search", column("rowid", Integer), column("market_search", Text))
_POSTGRESQL = table("market_search", column("number", Integer), column("document", TSVECTOR))
_ANYWHERE = TIERS - 1


class Matching:
    """All words of `terms`, and all of `facets`, which stand for values that a plugin must have.

    Both are letters and digits, facets with some punctuation: what no query language of a database can misunderstand.
    """

    def __init__(self, session: AsyncSession, terms: Sequence[Term], facets: Sequence[str]) -> None:
        self._postgresql = session.get_bind().dialect.name == "postgresql"
        self._number = _POSTGRESQL.c.number if self._postgresql else _SQLITE.c.rowid
        self._terms = terms
        self._facets = facets

    def __bool__(self) -> bool:
        return bool(self._terms or self._facets)

    @property
    def numbers(self) -> Select[tuple[int]]:
        """The numbers of the plugins that fit what is `wanted`."""
        return select(self._number.label("number")).where(self._fits())

    def wanted(self, tier: int | None = None) -> str:
        """What is given for `wanted`, so that plugins fit as this tier says and no better, or somehow."""
        return (tsquery if self._postgresql else fts_query)(self._terms, self._facets, tier)

    def _fits(self) -> ColumnElement[bool]:
        wanted = bindparam("wanted", type_=Text)
        if self._postgresql:
            return _POSTGRESQL.c.document.op("@@", is_comparison=True)(cast(wanted, TSQUERY))
        return _SQLITE.c.market_search.op("MATCH", is_comparison=True)(wanted)


def fts_query(terms: Sequence[Term], facets: Sequence[str], tier: int | None = None) -> str:
    """What is looked for, for FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""

    def fits(tier: int) -> str:
        level = max(tier, 1)
        return " AND ".join(f'"{level}{term.word}"{" *" if term.prefix and tier else ""}' for term in terms)

    values = [f'"{facet}"' for facet in facets]
    words = [f"({fits(_ANYWHERE if tier is None else tier)})"] if terms else []
    better = f" NOT ({fits(tier - 1)})" if terms and tier else ""
    return " AND ".join([*words, *values]) + better


def tsquery(terms: Sequence[Term], facets: Sequence[str], tier: int | None = None) -> str:
    """What is looked for, for PostgreSQL."""

    def fits(tier: int) -> str:
        weights = "".join(list(FIELDS.values())[: max(tier, 1)])
        return " & ".join(f"'{term.word}':{'*' if term.prefix and tier else ''}{weights}" for term in terms)

    values = [f"'{facet}'" for facet in facets]
    words = [fits(_ANYWHERE if tier is None else tier)] if terms else []
    better = [f"!({fits(tier - 1)})"] if terms and tier else []
    return " & ".join([*words, *values, *better])
