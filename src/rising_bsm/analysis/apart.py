"""Looking at a stranger's code in a process of its own: what it takes is bounded, and nobody else waits for it.

Nothing of the bundle is run there; but reading source takes memory and time that its author chooses.
`python -m rising_bsm.analysis.apart` reads one line of JSON and a bundle, and writes findings as JSON.
"""

import asyncio
import json
import resource
import sys
from contextlib import suppress

from rising_bsm.analysis import usage, vulnerable
from rising_bsm.analysis.everything import Surroundings, look_at
from rising_bsm.analysis.finding import Finding
from rising_bsm.analysis.names import Neighbour
from rising_bsm.analysis.source import source_of_bundle
from rising_bsm.bundle import open_unsigned

SECONDS = 60
MEMORY_BYTES = 2 * 1024**3


async def look_apart(data: bytes, surroundings: Surroundings, *, seconds: float = SECONDS) -> list[Finding]:
    """What can be said about a bundle without running it; that it took too much, where it did."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "rising_bsm.analysis.apart"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate(_asked(surroundings) + data)
    except TimeoutError:
        return [_gave_up()]
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        return [_gave_up()]
    return [Finding.of(parts) for parts in json.loads(said)]


def findings_of(data: bytes, surroundings: Surroundings) -> list[Finding]:
    """The same in this process, without bounds. Raises BundleError."""
    bundle = open_unsigned(data)
    source = source_of_bundle(bundle.files)
    found = look_at(bundle.manifest, source, bundle.files, surroundings)
    return [*found, *vulnerable.check(bundle.files), *usage.check(source, bundle.manifest)]


def _gave_up() -> Finding:
    message = "The code could not be looked at: that took too long, or too much memory."
    return Finding("error", "scan.gave_up", message, None, "Write flatter, smaller modules.")


def _asked(surroundings: Surroundings) -> bytes:
    names = [[one.plugin_id, one.display_name] for one in surroundings.neighbours]
    return json.dumps({"neighbours": names, "size_before": surroundings.size_before}).encode() + b"\n"


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.loads(sys.stdin.buffer.readline())
    neighbours = [Neighbour(plugin_id, name) for plugin_id, name in asked["neighbours"]]
    found = findings_of(sys.stdin.buffer.read(), Surroundings(neighbours, asked["size_before"]))
    print(json.dumps([finding.as_dict() for finding in found]))


if __name__ == "__main__":
    _main()
