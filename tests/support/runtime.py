"""A small instance with a real runtime, and plugins for it out of a few lines of source."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.bundle import UnverifiedBundle, open_unsigned, pack
from rising_bsm.bundle.manifest import Exports
from rising_bsm.business.customers import Customers
from rising_bsm.db import Database
from rising_bsm.hooks import HookPoints
from rising_bsm.runtime import (
    ActivePlugin,
    Business,
    Egress,
    RouteAnswer,
    RouteRequest,
    Runtime,
    RuntimeLimits,
    describe,
)
from rising_bsm.sandbox import PluginCode, Pool
from support.bundles import make_manifest
from support.database import open_database

HEAD = """\
import time
from rising_bsm_sdk import *

class Main(Plugin):
"""
PLUGIN = "acme.test"


@dataclass(frozen=True)
class Instance:
    """An application without HTTP."""

    pool: Pool
    database: Database
    hooks: HookPoints
    customers: Customers
    runtime: Runtime

    async def attach(self, methods: str = "", **options: Any) -> ActivePlugin:
        """A plugin whose class has these methods, attached."""
        plugin = await make_plugin(self.pool, methods, **options)
        self.runtime.attach(plugin)
        return plugin

    async def get(self, path: str = "/", *, plugin: str = PLUGIN, actor: Actor = SYSTEM) -> RouteAnswer:
        """What the plugin answers to a GET."""
        return await self.runtime.run_route(plugin, make_request(path=path), actor)

    async def emails(self) -> list[str]:
        """The addresses of all customers."""
        return [customer.email for customer in (await self.customers.list(SYSTEM)).items]


@asynccontextmanager
async def open_instance(
    pool: Pool, *, limits: RuntimeLimits | None = None, egress: Egress | None = None
) -> AsyncIterator[Instance]:
    """An instance on an empty SQLite database; `pool` outlives it."""
    async with open_database() as database:
        hooks = HookPoints()
        business = Business.on(database, hooks)
        runtime = Runtime(pool, database, hooks, business, limits or RuntimeLimits(), egress)
        yield Instance(pool, database, hooks, business.customers, runtime)


async def make_plugin(
    pool: Pool,
    methods: str = "",
    *,
    id: str = PLUGIN,
    version: str = "1.0.0",
    grants: Collection[str] = (),
) -> ActivePlugin:
    """A plugin whose class has these methods, compiled in the sandbox; it exports what the sandbox finds."""
    code = await pool.compile({"test_plugin.py": make_source(methods)}, "test_plugin:Main")

    async def compiled() -> PluginCode:
        return code

    return ActivePlugin(id, version, frozenset(grants), await describe(pool, code), compiled)


def make_source(methods: str = "") -> bytes:
    return (HEAD + indent(dedent(methods) or "pass", "    ")).encode()


def make_opened_bundle(
    methods: str = "", exports: Exports | None = None, *, files: Mapping[str, bytes] | None = None, **changes: Any
) -> UnverifiedBundle:
    """A bundle of a plugin with these methods, opened; it promises these exports, whatever the class has."""
    promised = {"exports": (exports or Exports()).model_dump(mode="json")}
    asked = [{"code": "customers.read", "reason": "A test needs it."}]
    values = {"name": "test", "main": "test_plugin:Main", "permissions": asked} | promised | changes
    manifest = make_manifest(**values)
    return open_unsigned(
        pack(manifest, {"code/test_plugin.py": make_source(methods), "README.md": b"# Test\n"} | dict(files or {}))
    )


def make_request(
    *,
    method: str = "GET",
    path: str = "/",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> RouteRequest:
    return RouteRequest(method, path, query or {}, headers or {}, body)
