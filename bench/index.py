"""The signed index with ten thousand versions: what it costs to read it, and to list one more.

Run with `python -m bench.index`; the network is a function call, so these are the costs of signing, checking and disk.
"""

import argparse
import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from rising_bsm.db import Database
from rising_bsm.marketplace.index import Index
from rising_bsm.plugins.market.index import Fetch, IndexClient, IndexLimits, Listing
from rising_bsm.runtime import Cipher

from .table import Samples

VERSIONS_OF_EACH = 5
KEY = "rbsm-ed25519:" + "A" * 43 + "="


def listing(number: int) -> Listing:
    """One of many versions, as long as those of real plugins are."""
    plugin, version = divmod(number, VERSIONS_OF_EACH)
    name = f"publisher{plugin % 500}.plugin{plugin}"
    return Listing.model_validate(
        {
            "plugin": name,
            "version": f"1.{version}.0",
            "channel": "stable",
            "status": "published",
            "bundle_sha256": hashlib.sha256(name.encode()).hexdigest(),
            "bundle_size": 123_456,
            "encrypted": False,
            "publisher": name.partition(".")[0],
            "publisher_keys": (KEY,),
            "permissions": ("customers.read", "customers.update", "appointments.read"),
            "network": ("https://api.example.com/v1/",),
            "host": ">=0.1,<1",
            "dependencies": {},
            "security": False,
            "pricing": "free",
            "released_at": None,
        }
    )


def item(number: int) -> tuple[Listing, str, int]:
    """The listing with digest and size of its blob."""
    one = listing(number)
    return one, hashlib.sha256(f"{one.plugin} {one.version}".encode()).hexdigest(), 120_000


async def main(versions: int, rounds: int) -> None:
    """All measures."""
    samples = Samples()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        try:
            await database.migrate()
            await measure(Index(database, Cipher.of_the_moment()), Path(folder), samples, versions, rounds)
        finally:
            await database.close()
    samples.show()


async def measure(index: Index, folder: Path, samples: Samples, versions: int, rounds: int) -> None:
    """Fills the index, then reads from it and adds to it."""
    with samples.time("make keys and the first index", "marketplace"):
        await index.start()
    with samples.time(f"list {versions:,} versions at once", "marketplace"):
        await index.put_all([item(number) for number in range(versions)])
    sizes: dict[str, int] = {}

    async def fetch(name: str) -> AsyncIterator[bytes]:
        data = await index.file(name)
        sizes[name] = len(data)
        yield data

    for number in range(rounds):
        client = client_of(folder / f"first{number}", fetch)
        with samples.time("first refresh", "client"):
            await client.refresh()
    with samples.time("find of one, bin not there yet", "client"):
        await client.find(listing(0).plugin, listing(0).version)
    await reading(client_of(folder / "first0", fetch), samples, rounds, versions)
    await writing(index, client, samples, rounds, versions)
    for what in ("timestamp", "snapshot", "targets", "reviewed"):
        found = [size for name, size in sizes.items() if what in name]
        samples.note(f"size of {what}", "marketplace", f"{max(found) / 1024:.1f} KiB at most")
    with samples.time("new key of the reviewers: every bin signed anew", "marketplace"):
        await index.rotate("reviewed")


async def reading(client: IndexClient, samples: Samples, rounds: int, versions: int) -> None:
    """Refreshing when nothing is new, and finding."""
    for number in range(rounds):
        with samples.time("refresh without change", "client"):
            await client.refresh()
        one = listing(number * 7 % versions)
        with samples.time("find of one, just refreshed", "client"):
            found = await client.find(one.plugin, one.version)
        assert found is not None
        assert found.may_be_installed


async def writing(index: Index, client: IndexClient, samples: Samples, rounds: int, versions: int) -> None:
    """Listing one more, and seeing it."""
    for number in range(versions, versions + rounds):
        with samples.time("list one version", "marketplace"):
            await index.put_all([item(number)])
        with samples.time("refresh with a change", "client"):
            await client.refresh()


def client_of(folder: Path, fetch: Fetch) -> IndexClient:
    """A client that believes what it refreshed, for as long as the measure takes."""
    return IndexClient(folder, fetch, limits=IndexLimits(fresh_seconds=3600))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.index", description=__doc__)
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(main(options.versions, options.rounds))
