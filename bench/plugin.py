"""The plugin that is measured."""

from typing import Any

from rising_bsm.sandbox import PluginCode, Pool

SOURCE = b"""
from rising_bsm_sdk import Plugin, route


class Bench(Plugin):
    @route("GET", "/hello")
    def hello(self, ctx, request):
        return {"hello": "world"}

    @route("GET", "/ask")
    def ask(self, ctx, request):
        return ctx.storage.get("key")
"""
REPLY = '{"ok": {"found": true, "value": 1}}'


async def compile_plugin(pool: Pool, *, number: int = 0, resident: bool = False) -> PluginCode:
    """The plugin; another `number` gives another plugin."""
    source = SOURCE + f"\n\nNUMBER = {number}\n".encode()
    return await pool.compile({"bench_plugin.py": source}, "bench_plugin:Bench", resident=resident)


def request(handler: str) -> dict[str, Any]:
    """What the web process asks of the guest for a route."""
    context = {"plugin": {"id": "acme.bench", "version": "1.0.0"}}
    return {"op": "route", "handler": handler, "request": {"method": "GET", "path": "/"}, "context": context}
