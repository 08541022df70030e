"""Plugins called in the real sandbox, many in one worker, as `rising-bsm call` calls them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rising_bsm.analysis.loaded import compile_code, load
from rising_bsm.analysis.simulator import Simulator, open_simulator
from rising_bsm.cli.author import read_path, sandbox
from rising_bsm.cli.target import parse_target
from rising_bsm.errors import Error
from rising_bsm.sandbox import Pool
from support.author import make_project

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """How one call went: its result or its error, and what the simulator kept."""

    result: Any
    error: Error | None
    simulator: Simulator

    @property
    def body(self) -> Any:
        """What a route answered."""
        return self.result["body"]

    @property
    def code(self) -> str | None:
        """What it was refused with."""
        return self.error and self.error.code

    @property
    def log(self) -> list[str]:
        return [line.message for line in self.simulator.log.lines]

    @property
    def refused(self) -> list[str | None]:
        """For each host call the code that it was refused with."""
        return [asked.refused for asked in self.simulator.host_calls]


@dataclass(frozen=True)
class Workshop:
    """A sandbox in which any number of plugins are called."""

    runner: asyncio.Runner
    pool: Pool

    def call(
        self, body: str, target: str, payload: Any = None, *, permissions: tuple[str, ...] = (), seed: bytes = b"s"
    ) -> Told:
        """Call a plugin whose class has `body`."""
        with TemporaryDirectory() as folder:
            root = make_project(Path(folder) / "plugin", body, permissions=permissions)
            return self.runner.run(self._call(root, target, payload, seed))

    async def _call(self, root: Path, target: str, payload: Any, seed: bytes) -> Told:
        draft, files = read_path(root)
        loaded = await load(self.pool, draft, files, await compile_code(self.pool, draft, files))
        async with open_simulator(self.pool, loaded, now=NOW, seed=seed) as simulator:
            try:
                return Told(await simulator.call(parse_target(target), payload), None, simulator)
            except Error as error:
                return Told(None, error, simulator)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """A workshop with one worker."""
    with asyncio.Runner() as runner:
        opened = sandbox()
        pool = runner.run(opened.__aenter__())
        try:
            yield Workshop(runner, pool)
        finally:
            runner.run(opened.__aexit__(None, None, None))
