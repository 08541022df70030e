"""Installing a bundle of 1 MB from a local marketplace, over HTTP: from the request to the answer of its first call.

`python -m bench.install` runs it by itself.
"""

import argparse
import asyncio
import hashlib
import json
import os
import time

import uvloop

from rising_bsm.bundle import pack, sign
from rising_bsm.bundle.manifest import make_manifest
from rising_bsm.marketplace.publishing.proof import prove
from rising_bsm.runtime import describe
from rising_bsm.sandbox import Pool, PoolSettings, cache

from .instance import KEY, Instance, serve
from .table import Samples

WHAT = "install 1 MB from a local marketplace"
PLUGIN = "bench.large"
MARKET = "/api/ext/rising-bsm.marketplace"
BYTES = 1_000_000
SOURCE = b"""
from rising_bsm_sdk import Plugin, route


class Large(Plugin):
    @route("GET", "/")
    def hello(self, ctx, request):
        return "hello"
"""


async def measure(pool: Pool, samples: Samples, rounds: int) -> None:
    """Installs, calls and removes it again and again; each is timed from the request to the first answer."""
    async with serve() as instance:
        await _publish(instance, await _bundle(pool))
        for _ in range(rounds):
            began = time.perf_counter()
            begun = await instance.ask("POST", "/api/market/installs", json={"plugin": PLUGIN})
            await _follow(instance, begun["id"], began, samples)
            await instance.ask("DELETE", f"/api/plugins/{PLUGIN}")


async def _follow(instance: Instance, install_id: str, began: float, samples: Samples) -> None:
    """To the end; the plugin is called as soon as it answers."""
    last = began
    async for line in instance.lines(f"/api/market/installs/{install_id}/events"):
        if line.startswith("data: ") and (step := json.loads(line.removeprefix("data: "))).get("total") is None:
            if step["state"] == "failed":
                raise RuntimeError(step["sentence"])
            now = time.perf_counter()
            samples.add("until this step was taken, after the one before", step["name"], now - last)
            if step["name"] == "activated":
                assert await instance.ask("GET", f"/api/ext/{PLUGIN}/") == "hello"
                samples.add(WHAT, "to the first answer", time.perf_counter() - began)
            last = time.perf_counter()


async def _bundle(pool: Pool) -> bytes:
    draft = make_manifest(
        {
            **{"publisher": "bench", "name": "large", "version": "1.0.0", "display_name": "Large", "license": "MIT"},
            **{"description": "Is large.", "type": "api", "host": ">=0.1,<1", "main": "bench_plugin:Large"},
        }
    )
    exports = await describe(pool, await pool.compile({"bench_plugin.py": SOURCE}, draft.main))
    # What no compression makes smaller, and the same in every run.
    filling = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(BYTES // 32))
    files = {"code/bench_plugin.py": SOURCE, "code/filling.bin": filling, "README.md": b"# Large\n"}
    return sign(pack(draft.with_exports(exports.model_dump(mode="json")), files), KEY)


async def _publish(instance: Instance, bundle: bytes) -> None:
    publisher = {"name": "bench", "display_name": "Bench", "email": "bench@example.com"}
    await instance.ask("POST", f"{MARKET}/publishers", json=publisher)
    key = {"public_key": str(KEY.public_key), "proof": prove("bench", KEY)}
    await instance.ask("POST", f"{MARKET}/publishers/bench/keys", json=key)
    kind = {"Content-Type": "application/octet-stream"}
    made = await instance.ask("POST", f"{MARKET}/submissions", content=bundle, headers=kind)
    path = f"{MARKET}/submissions/{made['id']}"
    while made["state"] in ("submitted", "scanning"):
        await asyncio.sleep(0.2)
        made = await instance.ask("GET", path)
    await instance.ask("POST", f"{path}/decision", json={"decision": "approve", "reason": "A bench."})
    await instance.ask("POST", f"{MARKET}/versions/{PLUGIN}/1.0.0/release", json={})


async def main(rounds: int) -> None:
    """Measures and prints."""
    samples, guest = Samples(), cache.open_compiled(cache.default_directory(), print)
    async with Pool(guest, PoolSettings(workers=1)) as pool:
        await measure(pool, samples, rounds)
    os.close(guest)
    samples.show()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.install", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    uvloop.run(main(options.rounds))
