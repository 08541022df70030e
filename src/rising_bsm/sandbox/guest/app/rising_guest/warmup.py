"""Run everything once while the guest is built, so that a fresh instance finds code specialised and caches full.

What CPython would otherwise write into its own code and types at the first calls (inline caches, type versions) are
pages of the snapshot that every instance would have to copy for itself.
"""

import base64
import json
import sys
from typing import Any

import rising_bsm_sdk

from . import runner

ROUNDS = 40

SOURCE = b"""
import json
import re
import uuid
from datetime import datetime

from rising_bsm_sdk import Plugin, Refuse, Request, Response, action, before, component, route, ui


class WarmUp(Plugin):
    def on_activate(self, ctx):
        ctx.log.info("ready", customers=ctx.customers.count())

    @before("customers.create")
    def check(self, ctx, draft):
        if not draft.get("phone"):
            raise Refuse("A phone number is required", field="phone")
        return draft | {"status": "active"}

    @route("GET", "/stats")
    def stats(self, ctx, request):
        ctx.storage.increment("visits")
        page = ctx.customers.list(search="a", limit=5)
        return {"visits": ctx.storage.get("visits"), "names": [c["name"] for c in page["items"]]}

    @route("POST", "/answer")
    async def answer(self, ctx, request: Request) -> Response:
        print("answer", uuid.uuid4())
        return Response({"now": datetime.now().isoformat(), "found": bool(re.match("a+", "aa"))}, status=201)

    @component("dashboard.widget", title="Warm")
    def widget(self, ctx, props):
        line = ui.Line({"name": "A", "visits": 3}, actions=[ui.Button("Reset", self.reset, values={"id": 1})])
        columns = [ui.Column("name", "Name", sortable=True), ui.Column("visits", "Visits")]
        chart = ui.Chart("bar", ["a", "b"], {"visits": [1, 2]}, title="Visits")
        form = ui.Form(ui.TextField("name", "Name"), ui.Select("kind", "Kind", {"a": "A"}), action=self.reset)
        return [ui.Card("Warm", ui.Stat("Visits", 3), chart, "text"), ui.Table(columns, [line], label="Visits"), form]

    @action
    def reset(self, ctx, values):
        return ui.Done("Done")
"""

REPLIES: dict[str, Any] = {
    "log": None,
    "customers.count": 3,
    "customers.list": {"items": [{"name": "A"}], "total": 1, "limit": 5, "offset": 0},
    "storage.increment": 1,
    "storage.get": {"found": True, "value": 1},
    "stdout": None,
}


def warm_up() -> None:
    """Load and call a small plugin until nothing about it is new, then forget it."""
    door, modules = runner.Loaded.door, set(sys.modules)
    runner.Loaded.door = staticmethod(lambda name, _arguments: json.dumps({"ok": REPLIES[name]}))
    for _ in range(ROUNDS):
        _one_round()
        for name in set(sys.modules) - modules:
            del sys.modules[name]
        del sys.meta_path[0]
    runner.Loaded.door, runner.Loaded.main = staticmethod(door), rising_bsm_sdk.Plugin


def _one_round() -> None:
    sources = {"warm_up_plugin": [False, "warm_up_plugin.py", base64.b64encode(SOURCE).decode()]}
    compiled = _invoke({"op": "compile", "sources": sources})
    runner.load(json.dumps({"main": "warm_up_plugin:WarmUp", "modules": compiled, "data": {}}))
    context = {"plugin": {"id": "warm.up", "version": "1.0.0"}}
    request = {"method": "GET", "path": "/stats", "params": {}, "query": {"a": "b"}, "headers": {}, "body": None}
    _invoke({"op": "describe"})
    _invoke({"op": "lifecycle", "handler": "on_activate", "context": context})
    _invoke({"op": "before", "handler": "check", "draft": {"name": "A", "phone": "1"}, "context": context})
    _invoke({"op": "route", "handler": "stats", "request": request, "context": context})
    _invoke({"op": "route", "handler": "answer", "request": request, "context": context})
    _invoke({"op": "component", "handler": "widget", "props": {}, "context": context})
    _invoke({"op": "action", "handler": "reset", "values": {}, "context": context})
    runner.invoke(json.dumps({"op": "before", "handler": "check", "draft": {"name": "A"}, "context": context}))


def _invoke(request: dict[str, Any]) -> Any:
    return json.loads(runner.invoke(json.dumps(request)))["ok"]
