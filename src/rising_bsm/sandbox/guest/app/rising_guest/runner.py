"""Load a plugin and run its handlers. Every answer is JSON: `{"ok": ...}` or `{"error": {"kind": ...}}`."""

import base64
import importlib
import inspect
import marshal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import wit_world

from rising_bsm_sdk import Context, Plugin, PluginInfo, Refuse, Request, Response
from rising_bsm_sdk import errors as sdk_errors
from rising_bsm_sdk.decorators import Before, Route, marks_of

from . import chance, failures, importer, output
from .texts import decode_base64, dumps, loads

LIFECYCLE = ("on_install", "on_activate", "on_deactivate", "on_uninstall")
ERRORS: dict[str, type[sdk_errors.HostError]] = {
    "denied": sdk_errors.NotPermitted,
    "not_found": sdk_errors.Missing,
    "invalid": sdk_errors.Invalid,
}


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
    routes: list[Any] = []
    hooks: list[Any] = []
    for name, function in inspect.getmembers(Loaded.main, callable):
        for mark in marks_of(function):
            if isinstance(mark, Route):
                route = {"method": mark.method, "path": mark.path, "permission": mark.permission}
                routes.append({**route, "handler": name})
            elif isinstance(mark, Before):
                hooks.append({"hook": mark.hook, "handler": name})
    lifecycle = [name for name in LIFECYCLE if getattr(Loaded.main, name) is not getattr(Plugin, name)]
    return {"routes": routes, "before": hooks, "lifecycle": lifecycle}


def _route(request: Any) -> Any:
    answer = _run(request, Request(**request["request"]))
    if not isinstance(answer, Response):
        answer = Response(answer)
    return _as_json(request, {"status": answer.status, "headers": answer.headers, "body": answer.body})


def _before(request: Any) -> Any:
    return _as_json(request, _run(request, request["draft"]))


def _lifecycle(request: Any) -> None:
    _run(request)


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "compile": _compile,
    "describe": _describe,
    "route": _route,
    "before": _before,
    "lifecycle": _lifecycle,
}


def _run(request: Any, *arguments: Any) -> Any:
    context = Context(PluginInfo(**request["context"]["plugin"]), _host_call)
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
    error = reply["error"]
    kind = ERRORS.get(error["code"].rpartition(".")[2], sdk_errors.HostError)
    raise kind(error["message"], code=error["code"], place=error.get("place"))


def _as_json(request: Any, value: Any) -> Any:
    try:
        dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise failures.BadResult(f"{request['handler']} returned what is not JSON: {error}") from None
    return value


sys.setrecursionlimit(1_000)
output.install(lambda name, text: Loaded.door(name, text))  # noqa: PLW0108  the door may change until the snapshot
