"""Searching a catalogue of 100,000 plugins on SQLite: `python -m bench.catalogue`.

Words are as frequent as words are (Zipf's law), so that some are in nearly every text and most in few. What is timed
is what a request does but for HTTP: the query read, searched for, and the page as JSON.
"""

import argparse
import asyncio
import itertools
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from rising_bsm.bundle.offer import CATEGORIES
from rising_bsm.db import Database
from rising_bsm.marketplace.catalogue.search.documents import levelled
from rising_bsm.marketplace.catalogue.search.words import facet
from rising_bsm.marketplace.catalogue.service import Catalogue

from .table import Samples

WHAT = "search among {:,} plugins"
_SYLLABLES = re.findall("..", "bacodifugalominiperasetivuwaxeyoziineralst")
_NOW = "2026-01-01 00:00:00.000000"


class Language:
    """Words that nobody speaks, each as likely as its rank says."""

    def __init__(self, chance: random.Random, words: int = 20_000) -> None:
        self._chance = chance
        made = {"".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(1, 5))) for _ in range(2 * words)}
        self.words = sorted(made)[:words]
        chance.shuffle(self.words)
        self._weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(self.words))))

    def some(self, count: int) -> list[str]:
        """So many words, as they come."""
        return self._chance.choices(self.words, cum_weights=self._weights, k=count)


def fill(path: str, entries: int, chance: random.Random, language: Language) -> None:
    """Writes listed plugins, and what the search knows of them, into a database that was migrated."""
    with sqlite3.connect(path) as connection:
        for number in range(1, entries + 1):
            _add(connection, number, chance, language)
    connection.close()


def _add(connection: sqlite3.Connection, number: int, chance: random.Random, language: Language) -> None:
    name, tags = language.some(chance.randint(1, 3)), sorted(set(language.some(4)))
    description, readme = language.some(14), sorted(set(language.some(150)))
    publisher, category = f"publisher-{number % 5000}", chance.choice(CATEGORIES)
    row = {
        "number": number,
        "id": uuid4().hex,
        "plugin_id": f"{publisher}.{name[0]}-{number}",
        "publisher": publisher,
        "listed": True,
        "installs": int(chance.paretovariate(0.7)),
        "score": round(chance.uniform(1, 5), 3),
        "published_at": _NOW,
        "category": category,
        "type": "mixed",
        "pricing": chance.choice(["free", "free", "paid"]),
        "host": chance.choice([">=0.1,<1", ">=0.2", "<0.2", "~=0.1.3"]),
        **dict.fromkeys(("trial_days", "rating_count", "rating_sum", "downloads"), 0),
        "display_name": " ".join(name),
        "description": " ".join(description),
        "tags": '["' + '","'.join(tags) + '"]',
        "license": "MIT",
        "homepage": "https://example.com/plugins",
        "support": "",
        "screenshots": "[]",
        "created_at": _NOW,
        "updated_at": _NOW,
    }
    _insert(connection, "market_plugins", row)
    for tag in tags:
        _insert(connection, "market_tags", {"id": uuid4().hex, "plugin": number, "tag": tag})
    facets = [facet("category", category), facet("publisher", publisher), *(facet("tag", tag) for tag in tags)]
    found = {"name": [*name, str(number)], "tags": [*tags, "publisher"], "description": description, "readme": readme}
    _insert(connection, "market_search", {"rowid": number, "words": levelled(found, facets)})


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    columns, places = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(row.values()))


def queries(chance: random.Random, language: Language) -> Iterator[tuple[str, dict[str, Any]]]:
    """What people may ask, each with its kind; without end."""
    while True:
        first, second, third = language.some(3)
        yield "a word", {"q": first}
        yield "two words", {"q": f"{first} {second}"}
        yield "three words", {"q": f"{first} {second} {third}"}
        yield "a rare word", {"q": chance.choice(language.words)}
        yield "being typed", {"q": first[: chance.randint(1, 4)]}
        yield "two words, being typed", {"q": f"{first} {second[: chance.randint(1, 3)]}"}
        yield "a word of a category", {"q": first, "category": chance.choice(CATEGORIES)}
        yield "a word, made for the host, free", {"q": first, "host": "0.3.0", "pricing": "free"}
        yield "a word, the best rated", {"q": first, "sort": "rating"}
        yield "no word: a category", {"category": chance.choice(CATEGORIES), "sort": "installs"}
        yield "no word: a tag", {"tag": language.some(1)[0]}


async def measure(samples: Samples, entries: int, rounds: int) -> None:
    """Times of every kind of query, and of all with text together."""
    chance = random.Random(1)
    language = Language(chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        database = Database(f"sqlite:///{path}")
        await database.migrate()
        await asyncio.to_thread(fill, str(path), entries, chance, language)
        catalogue, asked = Catalogue(database), queries(chance, language)
        await _round(catalogue, itertools.islice(asked, 110), Samples(), entries)
        await _round(catalogue, itertools.islice(asked, 11 * rounds), samples, entries)
        await database.close()


async def _round(
    catalogue: Catalogue, asked: Iterator[tuple[str, dict[str, Any]]], samples: Samples, entries: int
) -> None:
    for kind, query in asked:
        started = time.perf_counter()
        page = await catalogue.search(query)
        taken = time.perf_counter() - started
        samples.add(WHAT.format(entries), kind, taken)
        if "q" in query:
            samples.add(WHAT.format(entries), "all with text", taken)
        if page["next"]:
            with samples.time(WHAT.format(entries), "the second page"):
                await catalogue.search(query | {"cursor": page["next"]})


async def main(entries: int, rounds: int) -> None:
    """Measure and print."""
    samples = Samples()
    await measure(samples, entries, rounds)
    samples.show()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(main(options.entries, options.rounds))
