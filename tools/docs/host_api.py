"""docs/reference/host-api.md: the table of host functions, with what each of them takes."""

import json
from collections.abc import Iterator
from typing import Any

from tools.docs import sdk
from tools.docs.markdown import table

from rising_bsm.accounts.validation import Input
from rising_bsm.business.customers import CustomerDraft
from rising_bsm.runtime.host_api import HOST_API, HostFunction
from rising_bsm.runtime.host_arguments import KEY_BYTES
from rising_bsm.runtime.limits import DEFAULT_LIMITS

HEAD = """\
# The host API

Everything that a plugin can ask of the host. There is no other way out of the sandbox: each of these is one
`call(name, payload)` through the one door, and `ctx` of [the SDK](sdk.md) is a thin wrapper around them.

Each call passes four checks, in this order (`src/rising_bsm/runtime/host.py`):

1. There is a function of this name, else `host.unknown`.
2. The plugin was granted what it needs, **and** whoever it acts for may do it, else `permission.denied`.
3. The arguments are what it takes: none unknown, every wrong one named, else `host.invalid`.
4. It is done, and raises what the service raises ([all codes](errors.md)).

A plugin acts for whoever sent the request. In `on_install` and the other moments of its life nobody did, and it acts as
itself with exactly its grants. `users.manage`, `plugins.manage` and `tokens.manage` are for people; no plugin is ever
allowed them.
"""
ABOUT_FIELDS = """\
An e-mail address is stored in lower case and belongs to one customer. A country is a code of two letters of ISO 3166.
Text is trimmed and has no control characters; `notes` may have line breaks. A tag has 40 characters at most.
"""
ABOUT_KEYS = f"""\
A key of the storage has 1 to {KEY_BYTES} bytes of UTF-8 and no control characters. Keys sort by their bytes, and a
prefix is compared as it is.
"""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([HEAD, _overview(), *map(_section, HOST_API), _customer_fields(), _limits()])


def _overview() -> str:
    rows = [(f"[`{one.name}`](#{_anchor(one.name)})", _permission(one), one.doc) for one in HOST_API]
    return table(("function", "needs", "what it does"), rows)


def _section(function: HostFunction) -> str:
    rows = list(_arguments(function.arguments))
    takes = table(("argument", "what", "when left out"), rows) if rows else "It takes no arguments.\n"
    return f"## `{function.name}`\n\n{_sdk(function.name)}\n\n{takes}"


def _customer_fields() -> str:
    text = (
        "What `customers.create` and `customers.update` take, and what a `before` hook gets and returns as its draft:"
    )
    rows = table(("field", "what", "when left out"), _arguments(CustomerDraft))
    return f"## Fields of a customer\n\n{text}\n\n{rows}\n{ABOUT_FIELDS}"


def _permission(function: HostFunction) -> str:
    return f"`{function.needs}`" if function.needs else "nothing"


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _sdk(name: str) -> str:
    known = sdk.definitions()
    if name == "log":
        return "; ".join(f"`ctx.log.{sdk.signature(one)}`" for one in sdk.methods(known["Log"]).values())
    room, _, verb = name.partition(".")
    method = sdk.methods(known[room.capitalize()])[verb]
    return f"`ctx.{room}.{sdk.signature(method)}`\n\n{sdk.sentence(method)}"


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
    if field.get("format") == "uuid":
        return "id"
    kinds = {
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
        "object": "object",
        "array": "list",
    }
    return " ".join([kinds.get(field.get("type", ""), "any JSON"), *_bounds(field)])


def _bounds(field: dict[str, Any]) -> Iterator[str]:
    if "maximum" in field:
        yield f"from {field['minimum']:,} to {field['maximum']:,}"
    if "maxLength" in field:
        yield f"of {field.get('minLength', 0)} to {field['maxLength']:,} characters"
    elif "minLength" in field:
        yield f"of {field['minLength']} character or more"
    if "maxItems" in field:
        yield f"of at most {field['maxItems']:,}"


def _value(default: object) -> str:
    return "not asked about" if default is None else f"`{json.dumps(default)}`"


def _limits() -> str:
    limits, call, before = DEFAULT_LIMITS, DEFAULT_LIMITS.call, DEFAULT_LIMITS.before
    rows = [
        ("wall time", f"{call.wall_seconds:g} s", f"{before.wall_seconds:g} s"),
        ("fuel, about one per instruction of WebAssembly", f"{call.fuel:,}", f"{before.fuel:,}"),
        ("host calls", f"{call.host_calls:,}", f"{before.host_calls:,}"),
        ("each payload and answer", _bytes(call.payload_bytes), _bytes(before.payload_bytes)),
        ("printed to standard output and error", _bytes(call.log_bytes), _bytes(before.log_bytes)),
        ("logged with `ctx.log`", _bytes(limits.log_bytes), _bytes(limits.log_bytes)),
    ]
    calls = table(("limit of one call", "routes and moments of its life", "`before` hooks"), rows)
    return f"## Limits\n\n{calls}\n{_storage()}"


def _storage() -> str:
    limits = DEFAULT_LIMITS
    rows = [
        ("storage of one plugin", _bytes(limits.storage_bytes)),
        ("one value, as JSON", _bytes(limits.value_bytes)),
        ("one answer of `storage.list`", _bytes(limits.list_bytes)),
        ("counted for each entry besides key and value", _bytes(limits.entry_bytes)),
        ("lines kept of its log", f"{limits.log_lines:,}"),
        ("characters kept of a line", f"{limits.line_characters:,}"),
    ]
    return f"{table(('limit of one plugin', ''), rows)}\n{ABOUT_KEYS}"


def _bytes(number: int) -> str:
    for unit, size in (("MiB", 2**20), ("KiB", 2**10)):
        if number % size == 0:
            return f"{number // size:,} {unit}"
    return f"{number:,} bytes"
