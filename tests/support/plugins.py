"""Signed plugins out of a few lines of source, and instances that they are installed on."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from sqlalchemy import text

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.bundle import Manifest, SigningKey, pack, read_project, sign
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database, Row
from rising_bsm.hooks import HookPoints
from rising_bsm.plugins.keys import PublisherKeys
from rising_bsm.plugins.service import Plugins
from rising_bsm.plugins.store import FileStore
from rising_bsm.runtime import Business, Egress, Runtime, describe
from rising_bsm.sandbox import Pool
from support.bundles import make_key, make_manifest
from support.runtime import make_request

HEAD = """\
import time
from rising_bsm_sdk import *

class Main(Plugin):
"""
EXAMPLES = Path(__file__).parents[2] / "examples"
GUEST = "the guest of these tests"


async def make_signed_plugin(
    pool: Pool,
    methods: str = "",
    *,
    source: str | None = None,
    permissions: Collection[str] = ("customers.read",),
    key: SigningKey | None = None,
    exports_said: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    **manifest: Any,
) -> bytes:
    """A bundle of `acme.test` whose class has these methods, or whose module is `source`."""
    code = source or HEAD + indent(dedent(methods) or "pass", "    ")
    asked = [{"code": permission, "reason": "A test needs it."} for permission in permissions]
    values = {"name": "test", "main": "test_plugin:Main", "permissions": asked} | manifest
    return await _signed(
        pool, make_manifest(**values), {"code/test_plugin.py": code.encode(), **(files or {})}, key, exports_said
    )


async def make_signed_example(
    pool: Pool, name: str, *, folder: Path = EXAMPLES, key: SigningKey | None = None
) -> bytes:
    """The bundle of an example, built from its folder."""
    project = read_project(folder / name)
    return await _signed(pool, project.manifest_draft, project.files, key)


async def _signed(
    pool: Pool,
    draft: Manifest,
    files: Mapping[str, bytes],
    key: SigningKey | None,
    exports: Mapping[str, Any] | None = None,
) -> bytes:
    sources = {name.removeprefix("code/"): data for name, data in files.items() if name.startswith("code/")}
    if exports is None:
        exports = (await describe(pool, await pool.compile(sources, draft.main))).model_dump(mode="json")
    return sign(pack(draft.with_exports(exports), files), key or make_key())


@dataclass(frozen=True)
class Instance:
    """An application without HTTP, started."""

    database: Database
    hooks: HookPoints
    customers: Customers
    runtime: Runtime
    plugins: Plugins
    keys: PublisherKeys
    folder: Path

    async def trust(self, *publishers: str, key: SigningKey | None = None) -> None:
        """The key of these tests may sign for the publishers."""
        for publisher in publishers or ("acme",):
            public_key = str((key or make_key()).public_key)
            await self.keys.trust(SYSTEM, {"publisher": publisher, "public_key": public_key})

    async def ask(self, path: str = "/", *, plugin: str = "acme.test", actor: Actor = SYSTEM, **request: Any) -> Any:
        """The body of what the plugin answers."""
        return (await self.runtime.run_route(plugin, make_request(path=path, **request), actor)).body

    async def state(self, plugin_id: str = "acme.test") -> str:
        """The plugin's state as people are shown it."""
        return str((await self.plugins.get(SYSTEM, plugin_id)).as_dict()["state"])

    async def remains(self, plugin_id: str = "acme.test") -> list[str]:
        """Every place where there is something of the plugin; the record of what people did with it is not of it."""
        found = []
        async with self.database.reading() as session:
            for table in Row.metadata.sorted_tables:
                rows = (await session.execute(text(f"SELECT * FROM {table.name}"))).all()
                if table.name != "activity" and plugin_id in str(rows):
                    found.append(table.name)
                if table.name == "installed_plugins" and rows:
                    found.append(f"{len(rows)} rows")
        return found + self.files()

    def files(self) -> list[str]:
        """The files of all plugins."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@asynccontextmanager
async def open_plugins(
    pool: Pool,
    database: Database,
    folder: Path,
    *,
    stores: Callable[[Path], FileStore] = FileStore,
    guest: str = GUEST,
    egress: Egress | None = None,
) -> AsyncIterator[Instance]:
    """An instance on this database and folder; ending it leaves everything as it is, as a crash would."""
    hooks = HookPoints()
    business = Business.on(database, hooks)
    runtime = Runtime(pool, database, hooks, business, egress=egress)
    bundles, codes = stores(folder / "bundles"), stores(folder / "code")
    plugins = Plugins(database, runtime, pool, bundles=bundles, codes=codes, guest=guest)
    keys = PublisherKeys(database, plugins.recheck)
    instance = Instance(database, hooks, business.customers, runtime, plugins, keys, folder)
    await plugins.start()
    yield instance
