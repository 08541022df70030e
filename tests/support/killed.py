"""A process that installs or updates, and kills itself with SIGKILL at a chosen moment: what it has done is what stays.

`main` waits for orders on standard input, one line of JSON each, and answers each with the signal that has
ended the process it made for that; everything is imported once.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

IN_THE_SANDBOX = ("granted", "staged", "activated", "scheduled", "logged")
"""The moments up to which a sandbox is needed."""
MARKET, INSTANCE = "market.sqlite3", "instance.sqlite3"


class Killer:
    """Orders processes that kill themselves."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, folder: Path, kind: str, moment: str, **draft: Any) -> int:
        """Installs or updates on the databases in the folder up to the moment; the signal that has ended it."""
        assert self._process.stdin
        assert self._process.stdout
        order = {"folder": str(folder), "kind": kind, "moment": moment, "draft": draft}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def open_killer() -> Iterator[Killer]:
    """One such program."""
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", "from support.killed import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    with process:
        yield Killer(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=20)


def main() -> None:
    """Does what is ordered."""
    warnings.simplefilter("ignore")
    from support import market_place  # noqa: F401 - imported once, for all processes

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            asyncio.run(_until_killed(**order))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), flush=True)


async def _until_killed(folder: str, kind: str, moment: str, draft: dict[str, Any]) -> None:
    from rising_bsm.accounts import SYSTEM
    from rising_bsm.db import Database
    from rising_bsm.sandbox import Pool, PoolSettings, cache
    from support.market_place import open_market, open_shopper

    place, guest = Path(folder), cache.open_compiled(cache.default_directory())
    market_database, database = (Database(f"sqlite:///{place / name}") for name in (MARKET, INSTANCE))
    pool = Pool(guest, PoolSettings(workers=1))
    async with (
        pool if moment in IN_THE_SANDBOX else nullcontext(),
        open_market(market_database, place / "marketplace") as market,
        open_shopper(pool, database, place / "instance", market.system) as shopper,
    ):
        shopper.line.killed_after = moment
        shopper.acquisitions.watchers.append(lambda _plugin, step: _kill_at(step.name == moment))
        if kind == "install":
            row = await shopper.acquisitions.install(SYSTEM, draft)
        else:
            await shopper.side.updates.look()
            row = await shopper.side.updates.apply(SYSTEM, "acme.test")
        print((await shopper.acquisitions.ended(row.id)).problem, file=sys.stderr)


def _kill_at(here: bool) -> None:
    if here:
        os.kill(os.getpid(), signal.SIGKILL)
