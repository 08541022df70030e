"""docs/reference/host-api.md: the table of host functions, with what each of them takes."""

import ast
import json
from collections.abc import Iterator
from inspect import getdoc
from typing import Any

from tools.docs import sdk
from tools.docs.markdown import table

from rising_bsm.accounts.validation import Input
from rising_bsm.business.appointments import AppointmentDraft
from rising_bsm.business.customers import CustomerDraft
from rising_bsm.business.fields import Draft
from rising_bsm.business.requests import Conversion, RequestDraft
from rising_bsm.runtime.functions.arguments import KEY_BYTES
from rising_bsm.runtime.host_api import HOST_API, HostFunction
from rising_bsm.runtime.limits import DEFAULT_LIMITS

HEAD = """\
# The host API

Everything that a plugin can ask of the host. There is no other way out of the sandbox: each of these is one
`call(name, payload)` through the one door, and `ctx` of [the SDK](sdk.md) is a thin wrapper around them.

Each call passes these steps, in this order (`src/rising_bsm/runtime/host.py`):

1. There is a function of this name, else `host.unknown`.
2. It was not asked for more often than one call of a plugin may, nor were all together, else `host.too_often`.
3. The plugin was granted what it needs, **and** whoever it acts for may do it, else `permission.denied`.
4. The arguments are what it takes: none unknown, every wrong one named, else `host.invalid`.
5. It is done, and raises what the service raises ([all codes](errors.md)).

A plugin acts for whoever sent the request. In `on_install` and the other moments of its life nobody did, and it acts as
itself with exactly its grants. `users.manage`, `plugins.manage` and `tokens.manage` are for people; no plugin is ever
allowed them.

The table is in the terminal, too; with `--json` for programs, with the JSON Schema of what each takes and answers:

```sh
rising-bsm host-api
```

The cost is what a call counts towards the plugin's budget, whether it is refused or not.
"""
ABOUT_ANSWERS = (
    "What functions answer with, where it is more than a text, a number or yes and no. Ids and times are texts.\n"
)
ABOUT_FIELDS = """\
An e-mail address is stored in lower case and belongs to one customer. A country is a code of two letters of ISO 3166.
Text is trimmed and has no control characters; `notes`, `description` and `message` may have line breaks. A tag has 40
characters at most. A time is ISO 8601 with an offset from UTC; a time zone is a name of the IANA database. What an id
refers to must be there, and whoever is given work must be active. Nobody has two appointments at one time, unless
`allow_overlap` is true in the draft; it is not stored.
"""
ABOUT_KEYS = f"""\
A key of the storage has 1 to {KEY_BYTES} bytes of UTF-8 and no control characters. Keys sort by their bytes, and a
prefix is compared as it is.
"""


_ANY = "not asked about"
_FORMATS = {"uuid": "id", "date-time": "time"}


def page() -> str:
    """The page, in Markdown."""
    chapters = [*[_section(one) for one in HOST_API], *_answers(), *_fields(), _limits()]
    return "\n".join([HEAD, _overview(), *chapters])


def _overview() -> str:
    rows = [(f"[`{one.name}`](#{_anchor(one.name)})", _permission(one), str(one.cost), one.doc) for one in HOST_API]
    return table(("function", "needs", "cost", "what it does"), rows)


def _section(function: HostFunction) -> str:
    rows = list(_arguments(function.arguments))
    takes = table(("argument", "what", "when left out"), rows) if rows else "It takes no arguments.\n"
    often = f"One call of a plugin may use it {function.per_call} times.\n\n" if function.per_call else ""
    answers = f"It answers with {_answer(_result(function))}.\n"
    return f"## `{function.name}`\n\n{_sdk(function.name)}\n\n{often}{takes}\n{answers}"


def _result(function: HostFunction) -> dict[str, Any]:
    schema = function.answers.json_schema(mode="serialization")
    # A reference names a class, and classes of several nouns have one name; their titles are people's names for them.
    result: dict[str, Any] = _resolved(schema, schema.get("$defs", {}))
    return result


def _resolved(schema: Any, known: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_resolved(item, known) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(known[schema["$ref"].rpartition("/")[2]], known)
    return {name: _resolved(item, known) for name, item in schema.items() if name != "$defs"}


def _answer(schema: dict[str, Any]) -> str:
    if "properties" in schema:
        return f"[{schema['title']}](#answer-{schema['title'].lower().replace(' ', '-')})"
    if schema.get("type") == "null":
        return "nothing"
    if "items" in schema:
        return f"list of {_answer(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(map(_answer, schema["anyOf"]))
    return {"uuid": "id", "date-time": "time"}.get(schema.get("format", ""), _kind(schema))


def _answers() -> Iterator[str]:
    yield f"## Answers\n\n{ABOUT_ANSWERS}"
    known: dict[str, dict[str, Any]] = {}
    for function in HOST_API:
        _collect(_result(function), known)
    for title, schema in sorted(known.items()):
        rows = [(f"`{name}`", _answer(field)) for name, field in schema["properties"].items()]
        yield f"### Answer: {title}\n\n{schema.get('description', '')}\n\n{table(('field', 'what'), rows)}"


def _collect(schema: Any, known: dict[str, dict[str, Any]]) -> None:
    if isinstance(schema, list):
        for item in schema:
            _collect(item, known)
    elif isinstance(schema, dict):
        if "properties" in schema and known.setdefault(schema["title"], schema) != schema:
            raise ValueError(f"two answers are named {schema['title']}")
        _collect(list(schema.values()), known)


def _fields() -> Iterator[str]:
    for noun, spoken, draft in (
        ("customers", "a customer", CustomerDraft),
        ("appointments", "an appointment", AppointmentDraft),
        ("requests", "a service request", RequestDraft),
    ):
        yield _fields_of(noun, spoken, draft)
    yield f"## What a service request becomes\n\n{getdoc(Conversion)}\n\n{_table_of(Conversion)}"
    yield ABOUT_FIELDS


def _fields_of(noun: str, spoken: str, draft: type[Draft]) -> str:
    text = f"What `{noun}.create` and `{noun}.update` take, and what a `before` hook gets and returns as its draft:"
    return f"## Fields of {spoken}\n\n{text}\n\n{_table_of(draft)}"


def _table_of(draft: type[Input]) -> str:
    rows = [(name, kind, "none" if absent == _ANY else absent) for name, kind, absent in _arguments(draft)]
    return table(("field", "what", "when left out"), rows)


def _permission(function: HostFunction) -> str:
    return f"`{function.needs}`" if function.needs else "nothing"


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _sdk(name: str) -> str:
    known = sdk.definitions()
    if name == "log":
        return "; ".join(f"`ctx.log.{sdk.signature(one)}`" for one in sdk.methods(known["Log"]).values())
    room, _, verb = name.rpartition(".")
    method = _method(known[room.capitalize() if room else "Context"], verb, known)
    where = f"ctx.{room}" if room else "ctx"
    return f"`{where}.{sdk.signature(method)}`\n\n{sdk.sentence(method)}"


def _method(node: sdk.Definition, name: str, known: dict[str, sdk.Definition]) -> ast.FunctionDef:
    """The method of the class, or of one it derives from."""
    if name in sdk.methods(node):
        return sdk.methods(node)[name]
    bases = [ast.unparse(base).partition("[")[0] for base in node.bases] if isinstance(node, ast.ClassDef) else []
    return next(_method(known[base], name, known) for base in bases if base in known)


def _arguments(model: type[Input]) -> Iterator[tuple[str, str, str]]:
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        absent = "required" if name in needed else _value(field.get("default"))
        yield f"`{name}`", _kind(field), absent


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(one) for one in field["anyOf"] if one.get("type") != "null")
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("format") in _FORMATS:
        return _FORMATS[field["format"]]
    kinds = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "object": "object",
        "array": "list",
    }
    return " ".join([kinds.get(field.get("type", ""), "any JSON"), *_bounds(field)])


def _bounds(field: dict[str, Any]) -> Iterator[str]:
    if "maximum" in field:
        least = f"from {field['minimum']:,}" if "minimum" in field else f"above {field['exclusiveMinimum']:,}"
        yield f"{least} to {field['maximum']:,}"
    if "maxLength" in field:
        yield f"of {field.get('minLength', 0)} to {field['maxLength']:,} characters"
    elif "minLength" in field:
        yield f"of {field['minLength']} character or more"
    if "maxItems" in field:
        yield f"of at most {field['maxItems']:,}"


def _value(default: object) -> str:
    return _ANY if default is None else f"`{json.dumps(default)}`"


def _limits() -> str:
    limits = DEFAULT_LIMITS
    of = (limits.call, limits.public, limits.before)
    rows = [
        ("wall time", *(f"{one.wall_seconds:g} s" for one in of)),
        ("fuel, about one per instruction of WebAssembly", *(f"{one.fuel:,}" for one in of)),
        ("host calls", *(f"{one.host_calls:,}" for one in of)),
        ("each payload and answer", *(_bytes(one.payload_bytes) for one in of)),
        ("printed to standard output and error", *(_bytes(one.log_bytes) for one in of)),
        ("logged with `ctx.log`", *(_bytes(limits.log_bytes) for _ in of)),
    ]
    kinds = "routes and moments of its life", "public routes, for strangers", "`before` hooks"
    calls = table(("limit of one call", *kinds), rows)
    return f"## Limits\n\n{calls}\n{_storage()}"


def _storage() -> str:
    limits = DEFAULT_LIMITS
    rows = [
        ("storage of one plugin", _bytes(limits.storage_bytes)),
        ("one value, as JSON", _bytes(limits.value_bytes)),
        ("one answer of `storage.list`", _bytes(limits.list_bytes)),
        ("counted for each entry besides key and value", _bytes(limits.entry_bytes)),
        ("problems at a time", f"{limits.problems:,}"),
        ("lines kept of its log", f"{limits.log_lines:,}"),
        ("characters kept of a line", f"{limits.line_characters:,}"),
    ]
    return f"{table(('limit of one plugin', ''), rows)}\n{ABOUT_KEYS}"


def _bytes(number: int) -> str:
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if number % size == 0:
            return f"{number // size:,} {unit}"
    return f"{number:,} bytes"
