"""Load a plugin and run its handlers. Every answer is JSON: `{"ok": ...}` or `{"error": {"kind": ...}}`."""

import base64
import importlib
import inspect
import marshal
import os
import random
import sys

import wit_world
from rising_bsm_sdk import Context, Plugin, PluginInfo, Refuse, Request, Response
from rising_bsm_sdk import errors as sdk_errors
from rising_bsm_sdk.decorators import Before, Route, marks_of

from . import importer
from .texts import decode_base64, dumps, loads

LIFECYCLE = ("on_install", "on_activate", "on_deactivate", "on_uninstall")
MESSAGE_CHARACTERS = 2_000
FRAMES = 20

door = wit_world.call
seed = super(random.Random, random._inst).seed
_main = None


class Output:
    """`sys.stdout` and `sys.stderr`: each line crosses the one door as a text of its own."""

    encoding, errors, closed = "utf-8", "replace", False

    def __init__(self, name):
        self.name, self._rest = name, ""

    def write(self, text):
        """Pass on the whole lines and keep the rest."""
        lines, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            door(self.name, lines)
        return len(text)

    def flush(self):
        """Pass on what is there."""
        rest, self._rest = self._rest, ""
        if rest:
            door(self.name, rest)

    def isatty(self):
        """Never a terminal."""
        return False

    def writable(self):
        """Always."""
        return True


class BadResult(Exception):
    """A handler returned what is not JSON."""


def load(payload):
    """Make the plugin importable and import its main class."""
    return _answer(_load, loads(payload))


def invoke(payload):
    """Run one operation."""
    seed(int.from_bytes(os.urandom(32)))
    request = loads(payload)
    return _answer(OPERATIONS[request["op"]], request)


def forget():
    """Be as if nothing had been loaded."""
    global _main, door
    _main, door = None, wit_world.call


def _answer(operation, request):
    try:
        answer = dumps({"ok": operation(request)})
        sys.stdout.flush()
        sys.stderr.flush()
        return answer
    except Refuse as refusal:
        error = {"kind": "refused", "message": str(refusal.message)[:MESSAGE_CHARACTERS], "field": refusal.field}
    except BadResult as bad:
        error = {"kind": "bad_result", "message": str(bad)}
    except BaseException as exception:
        error = _describe_exception(exception)
    return dumps({"error": error})


def _load(request):
    global _main
    seed(int.from_bytes(os.urandom(32)))
    modules = {name: importer.Module(decode_base64(code), package) for name, (package, code) in request["modules"].items()}
    data = {path: decode_base64(content) for path, content in request["data"].items()}
    finder = importer.add_plugin(modules, data)
    module_name, _, class_name = request["main"].partition(":")
    if module_name in finder.modules and "." not in module_name:
        finder.import_first(module_name)
    found = getattr(importlib.import_module(module_name), class_name, None)
    if not (isinstance(found, type) and issubclass(found, Plugin)):
        raise TypeError(f"{request['main']} is not a class that derives from rising_bsm_sdk.Plugin")
    _main = found
    return None


def _compile(request):
    modules = {}
    for name, (package, path, source) in request["sources"].items():
        code = compile(decode_base64(source), path, "exec", dont_inherit=True, optimize=0)
        modules[name] = [package, base64.b64encode(marshal.dumps(code)).decode()]
    return modules


def _describe(_request):
    routes, hooks = [], []
    for name, function in inspect.getmembers(_main, callable):
        for mark in marks_of(function):
            if isinstance(mark, Route):
                routes.append({"method": mark.method, "path": mark.path, "handler": name, "permission": mark.permission})
            elif isinstance(mark, Before):
                hooks.append({"hook": mark.hook, "handler": name})
    lifecycle = [name for name in LIFECYCLE if getattr(_main, name) is not getattr(Plugin, name)]
    return {"routes": routes, "before": hooks, "lifecycle": lifecycle}


def _route(request):
    answer = _run(request, Request(**request["request"]))
    if not isinstance(answer, Response):
        answer = Response(answer)
    return _as_json(request, {"status": answer.status, "headers": dict(answer.headers), "body": answer.body})


def _before(request):
    return _as_json(request, _run(request, request["draft"]))


def _lifecycle(request):
    _run(request)


OPERATIONS = {
    "compile": _compile,
    "describe": _describe,
    "route": _route,
    "before": _before,
    "lifecycle": _lifecycle,
}


def _run(request, *arguments):
    context = Context(PluginInfo(**request["context"]["plugin"]), _host_call)
    result = getattr(_main(), request["handler"])(context, *arguments)
    return _drive(result) if inspect.iscoroutine(result) else result


def _drive(coroutine):
    """Run a coroutine to its end. Calls to the host answer at once, so there is nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("the coroutine waits for something that only an event loop could give it")


def _host_call(name, arguments):
    reply = loads(door(name, dumps(arguments)))
    if "error" not in reply:
        return reply["ok"]
    error = reply["error"]
    raise ERRORS.get(error["code"].rpartition(".")[2], sdk_errors.HostError)(
        error["message"], code=error["code"], place=error.get("place")
    )


ERRORS = {"denied": sdk_errors.NotPermitted, "not_found": sdk_errors.Missing, "invalid": sdk_errors.Invalid}


def _as_json(request, value):
    try:
        dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadResult(f"{request['handler']} returned what is not JSON: {error}") from None
    return value


def _describe_exception(exception):
    kind = {MemoryError: "out_of_memory", RecursionError: "recursion"}.get(type(exception), "raised")
    return {
        "kind": kind,
        "type": type(exception).__name__,
        "message": _message_of(exception)[:MESSAGE_CHARACTERS],
        "frames": _frames_of(exception)[-FRAMES:],
    }


def _message_of(exception):
    try:
        return str(exception)
    except BaseException:
        return "(its message could not be read)"


def _frames_of(exception):
    """Where it happened, in the author's own files, innermost last."""
    if isinstance(exception, SyntaxError) and exception.filename:
        return [{"file": exception.filename, "line": exception.lineno, "function": "<module>"}]
    frames, step = [], exception.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if _is_authors(code.co_filename):
            frames.append({"file": code.co_filename, "line": step.tb_lineno, "function": code.co_name})
        step = step.tb_next
    return frames


def _is_authors(filename):
    return not filename.startswith(("<", "/")) and not filename.startswith(("rising_guest", "rising_bsm_sdk", "app.py"))


sys.setrecursionlimit(1_000)
sys.stdout, sys.stderr = Output("stdout"), Output("stderr")
