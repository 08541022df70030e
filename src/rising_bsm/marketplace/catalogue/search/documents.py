"""What the search knows of a plugin, kept in step by whoever changes the plugin, in the same transaction."""

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.marketplace.catalogue.search.words import facet, words
from rising_bsm.marketplace.catalogue.tables import MarketPlugin, MarketTag

FIELDS = {"name": "A", "tags": "B", "description": "C", "readme": "D"}
"""Where a word may be, the place that counts most first, with PostgreSQL's names for their weights."""
WORDS_OF_A_README = 2_000

_FORGET = text("DELETE FROM market_search WHERE rowid = :number")
_FORGET_POSTGRESQL = text("DELETE FROM market_search WHERE number = :number")
_PUT = text("INSERT INTO market_search (rowid, words) VALUES (:number, :words)")
_PUT_POSTGRESQL = text("INSERT INTO market_search (number, document) VALUES (:number, CAST(:document AS tsvector))")


async def put(session: AsyncSession, plugin: MarketPlugin, readme: str) -> None:
    """From now on the plugin is found as it is, by what it says of itself and by the words of this readme."""
    await forget(session, plugin)
    session.add_all(MarketTag(plugin=plugin.number, tag=tag) for tag in plugin.tags)
    found, facets = _words_of(plugin, readme), _facets_of(plugin)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_PUT_POSTGRESQL, {"number": plugin.number, "document": document(found, facets)})
    else:
        await session.execute(_PUT, {"number": plugin.number, "words": levelled(found, facets)})


async def forget(session: AsyncSession, plugin: MarketPlugin) -> None:
    """From now on the plugin is not found."""
    await session.execute(delete(MarketTag).where(MarketTag.plugin == plugin.number))
    statement = _FORGET_POSTGRESQL if session.get_bind().dialect.name == "postgresql" else _FORGET
    await session.execute(statement, {"number": plugin.number})


def document(found: dict[str, list[str]], facets: list[str]) -> str:
    """The text of a `tsvector`: every word with the places it is in."""
    places: dict[str, str] = dict.fromkeys(facets, "1D")
    for name, weight in FIELDS.items():
        for word in found[name]:
            places[word] = f"{places[word]},{ord(weight)}{weight}" if word in places else f"{ord(weight)}{weight}"
    return " ".join(f"'{word}':{where}" for word, where in places.items())


def levelled(found: dict[str, list[str]], facets: list[str]) -> str:
    """What FTS5 keeps: every word once for each level that it counts for, behind the number of the level.

    What the first level knows is in the name, the second knows the tags too, and so on to the readme. So a search at a
    level reads only what that level has, where a column to look in would have it read all and leave most.
    """
    known: dict[str, None] = {}
    kept: list[str] = []
    for level, name in enumerate(FIELDS, start=1):
        known |= dict.fromkeys(found[name])
        kept += [f"{level}{word}" for word in known]
    return " ".join([*kept, *facets])


def _words_of(plugin: MarketPlugin, readme: str) -> dict[str, list[str]]:
    return {
        "name": words(f"{plugin.display_name} {plugin.plugin_id.partition('.')[2]}"),
        "tags": words(" ".join([*plugin.tags, plugin.publisher])),
        "description": words(plugin.description),
        "readme": words(readme, WORDS_OF_A_README),
    }


def _facets_of(plugin: MarketPlugin) -> list[str]:
    tags = [facet("tag", tag) for tag in plugin.tags]
    return [facet("category", plugin.category), facet("publisher", plugin.publisher), *tags]
