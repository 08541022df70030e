"""SQLite keeps the words of a plugin by the levels they count for, no longer by the places they are in."""

from alembic import op
from sqlalchemy import text

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

_FIELDS = ("name", "tags", "description", "readme")
# A prefix has its level before it, and so a character more.
_SEARCH = """
CREATE VIRTUAL TABLE market_search_new USING fts5(
    {columns}, tokenize = "ascii tokenchars '=.-_'", prefix = '{prefix}', detail = 'column', columnsize = 0
)
"""


def upgrade() -> None:
    """Puts the words on their levels."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SEARCH.format(columns="words", prefix="2 3 4"))
        levels = enumerate(_FIELDS, start=1)
        words = " || ".join(_on_level(level, name) for level, _ in levels for name in _FIELDS[:level])
        kept = f"SELECT rowid, {words} || facets FROM market_search"  # noqa: S608 - of nothing but the names above
        op.execute(f"INSERT INTO market_search_new (rowid, words) {kept}")
        _replace()


def _on_level(level: int, name: str) -> str:
    return f"coalesce('{level}' || replace(nullif({name}, ''), ' ', ' {level}') || ' ', '')"


def downgrade() -> None:
    """Puts the words back into the first place that they are in."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SEARCH.format(columns=", ".join([*_FIELDS, "facets"]), prefix="1 2 3"))
        rows = op.get_bind().execute(text("SELECT rowid, words FROM market_search")).all()
        for number, words in rows:
            op.get_bind().execute(_PUT_BACK, {"number": number, **_places(words.split())})
        _replace()


_PUT_BACK = text(
    "INSERT INTO market_search_new (rowid, name, tags, description, readme, facets) "
    "VALUES (:number, :name, :tags, :description, :readme, :facets)"
)


def _places(words: list[str]) -> dict[str, str]:
    places = dict(zip("1234=", ([*_FIELDS, "facets"]), strict=True))
    first: dict[str, str] = {}
    for word in sorted(words):
        first.setdefault(word if word[0] == "=" else word[1:], places[word[0]])
    return {name: " ".join(word for word in first if first[word] == name) for name in places.values()}


def _replace() -> None:
    op.execute("DROP TABLE market_search")
    op.execute("ALTER TABLE market_search_new RENAME TO market_search")
