"""What is looked for, in the languages of both databases."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, column, literal, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.search.documents import FIELDS
from rising_bsm.marketplace.catalogue.search.facts import FOUND
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

    def numbers(self, tier: int = _ANYWHERE) -> Select[tuple[int]]:
        """The numbers of the plugins that fit as well as this tier demands, or better."""
        return select(self._number).where(self._fits(tier))

    def joined(self, tier: int = _ANYWHERE) -> list[ColumnElement[bool]]:
        """The conditions, for a query of FOUND, under which a plugin is one of those."""
        # Without the sum, SQLite may look into the search anew for each plugin, which takes seconds.
        return [FOUND.c.number == self._number + 0, self._fits(tier)]

    def _fits(self, tier: int) -> ColumnElement[bool]:
        if self._postgresql:
            wanted = cast(literal(tsquery(self._terms, self._facets, tier), Text), TSQUERY)
            return _POSTGRESQL.c.document.op("@@", is_comparison=True)(wanted)
        wanted_in_sqlite = literal(fts_query(self._terms, self._facets, tier), Text)
        return _SQLITE.c.market_search.op("MATCH", is_comparison=True)(wanted_in_sqlite)


def fts_query(terms: Sequence[Term], facets: Sequence[str], tier: int) -> str:
    """What is looked for, for FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax)."""
    words = " AND ".join(f'"{term.word}"{" *" if term.prefix and tier else ""}' for term in terms)
    values = " AND ".join(f'"{facet}"' for facet in facets)
    both = [f"{{{' '.join(_fields(tier))}}} : ({words})" if words else "", f"{{facets}} : ({values})" if values else ""]
    return " AND ".join(filter(None, both))


def tsquery(terms: Sequence[Term], facets: Sequence[str], tier: int) -> str:
    """What is looked for, for PostgreSQL."""
    weights = "".join(FIELDS[name] for name in _fields(tier))
    words = [f"'{term.word}':{'*' if term.prefix and tier else ''}{weights}" for term in terms]
    return " & ".join([*words, *(f"'{facet}'" for facet in facets)])


def _fields(tier: int) -> list[str]:
    return list(FIELDS)[: max(tier, 1)]
