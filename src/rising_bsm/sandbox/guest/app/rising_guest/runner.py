"""Load a plugin and run its handlers. Every answer is JSON: `{"ok": ...}` or `{"error": {"kind": ...}}`."""

import base64
import importlib
import inspect
import marshal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import wit_world

from rising_bsm_sdk import Context, Event, Plugin, PluginInfo, Refuse, Request, Response
from rising_bsm_sdk import errors as sdk_errors
from rising_bsm_sdk.decorators import After, Before, Component, Mark, Route, Schedule, marks_of
from rising_bsm_sdk.ui.answers import result as action_result
from rising_bsm_sdk.ui.node import tree

from . import chance, failures, importer, output
from .texts import decode_base64, dumps, loads

LIFECYCLE = (
    *("on_install", "on_activate", "on_settings_changed", "on_permissions_changed"),
    *("on_license_verified", "on_update", "on_deactivate", "on_uninstall"),
)


class Loaded:
    """The one plugin of this instance, and the door it calls through."""

    main: type[Plugin] = Plugin
    door: Callable[[str, str], str] = staticmethod(wit_world.call)


def load(payload: str) -> str:
    """Make the plugin importable and import its main class."""
    return _answer(_load, payload)


def invoke(payload: str) -> str:
    """Run one operation."""
    return _answer(_run_operation, payload)


def _answer(operation: Callable[[Any], Any], payload: str) -> str:
    try:
        chance.reseed()
        answer = dumps({"ok": operation(loads(payload))})
        output.flush()
        return answer
    except Refuse as refusal:
        error = {"kind": "refused", "message": str(refusal.message)[: failures.MESSAGE_CHARACTERS]}
        if isinstance(refusal.field, str):
            error["field"] = refusal.field
    except BaseException as exception:
        error = failures.describe(exception)
    return dumps({"error": error})


def _load(request: Any) -> None:
    modules = {
        name: importer.Module(decode_base64(code), package) for name, (package, code) in request["modules"].items()
    }
    data = {path: decode_base64(content) for path, content in request["data"].items()}
    finder = importer.add_plugin(modules, data)
    module_name, _, class_name = request["main"].partition(":")
    if module_name in finder.modules and "." not in module_name:
        finder.import_first(module_name)
    found = getattr(importlib.import_module(module_name), class_name, None)
    if not (isinstance(found, type) and issubclass(found, Plugin)):
        raise TypeError(f"{request['main']} is not a class that derives from rising_bsm_sdk.Plugin")
    _rehearse()
    Loaded.main = found


class _Rehearsal(Plugin):
    def run(self, ctx: Context, request: Request) -> Any:
        return [request.query, ctx.storage.get("")]


def _rehearse() -> None:
    """Run a call that does nothing, so that the pages which every call writes to are copied before one comes in."""
    door, Loaded.door = Loaded.door, staticmethod(lambda _name, _payload: '{"ok": {"found": false}}')
    Loaded.main = _Rehearsal
    request: dict[str, Any] = {"method": "GET", "path": "/", "params": {}, "query": {}, "headers": {}, "body": None}
    context = {"plugin": {"id": "", "version": ""}}
    loads(dumps({"ok": _route({"handler": "run", "request": request, "context": context})}))
    output.flush()
    Loaded.door = staticmethod(door)


def _run_operation(request: Any) -> Any:
    return OPERATIONS[request["op"]](request)


def _compile(request: Any) -> Any:
    modules = {}
    for name, (package, path, source) in request["sources"].items():
        code = compile(base64.b64decode(source), path, "exec", dont_inherit=True, optimize=0)
        modules[name] = [package, base64.b64encode(marshal.dumps(code)).decode()]
    return modules


def _describe(_request: Any) -> Any:
    parts = ("routes", "before", "after", "schedules", "components", "actions")
    exports: dict[str, list[Any]] = {part: [] for part in parts}
    for name, function in inspect.getmembers(Loaded.main, callable):
        for mark in marks_of(function):
            part, export = _export(mark)
            exports[part].append({**export, "handler": name})
    lifecycle = [name for name in LIFECYCLE if getattr(Loaded.main, name) is not getattr(Plugin, name)]
    return {**exports, "lifecycle": lifecycle}


def _export(mark: Mark) -> tuple[str, dict[str, Any]]:
    if isinstance(mark, Route):
        parts = ("method", "path", "permission", "public")
        return "routes", {part: getattr(mark, part) for part in parts}
    if isinstance(mark, Before):
        return "before", {"hook": mark.hook, "order": mark.order}
    if isinstance(mark, After):
        return "after", {"event": mark.event}
    if isinstance(mark, Schedule):
        return "schedules", {"cron": mark.cron, "time_zone": mark.time_zone}
    if isinstance(mark, Component):
        return "components", vars(mark)
    return "actions", {}


def _route(request: Any) -> Any:
    asked = request["request"]
    if "bytes" in asked:
        asked["bytes"] = decode_base64(asked["bytes"])
    answer = _run(request, Request(**asked))
    if not isinstance(answer, Response):
        answer = Response(answer)
    value = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    if isinstance(answer.body, bytes):
        value |= {"body": base64.b64encode(answer.body).decode(), "base64": True}
    if answer.content_type is not None:
        value["content_type"] = answer.content_type
    return _as_json(request, value)


def _before(request: Any) -> Any:
    marks = marks_of(getattr(Loaded.main, request["handler"]))
    with_current = any(isinstance(mark, Before) and mark.with_current for mark in marks)
    current = (request["current"],) if with_current else ()
    return _as_json(request, _run(request, request["draft"], *current))


def _after(request: Any) -> None:
    _run(request, Event(**request["event"]))


def _schedule(request: Any) -> None:
    _run(request)


def _component(request: Any) -> Any:
    return _as_json(request, tree(_run(request, request["props"])))


def _action(request: Any) -> Any:
    return _as_json(request, action_result(_run(request, request["values"])))


def _lifecycle(request: Any) -> None:
    _run(request, *request.get("arguments", ()))


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "compile": _compile,
    "describe": _describe,
    "route": _route,
    "before": _before,
    "after": _after,
    "schedule": _schedule,
    "lifecycle": _lifecycle,
    "component": _component,
    "action": _action,
}


def _run(request: Any, *arguments: Any) -> Any:
    about = request["context"]
    context = Context(PluginInfo(**about["plugin"]), _host_call, about.get("permissions", ()))
    result = getattr(Loaded.main(), request["handler"])(context, *arguments)
    return _drive(result) if inspect.iscoroutine(result) else result


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end. Calls to the host answer at once, so there is nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("the coroutine waits for something that only an event loop could give it")


def _host_call(name: str, arguments: dict[str, Any]) -> Any:
    reply = loads(Loaded.door(name, dumps(arguments)))
    if "error" not in reply:
        return reply["ok"]
    raise sdk_errors.host_error(reply["error"])


def _as_json(request: Any, value: Any) -> Any:
    try:
        dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise failures.BadResult(f"{request['handler']} returned what is not JSON: {error}") from None
    return value


sys.setrecursionlimit(1_000)
output.install(lambda name, text: Loaded.door(name, text))  # noqa: PLW0108  the door may change until the snapshot
