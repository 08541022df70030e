"""What `rising-bsm call` is asked to call, and what with."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from rising_bsm.analysis.targets import (
    ActionTarget,
    ComponentTarget,
    EventTarget,
    HookTarget,
    LifecycleTarget,
    RouteTarget,
    ScheduleTarget,
    Target,
)
from rising_bsm.errors import InvalidInput

ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) +(/\S*)")
HOOK = re.compile(r"before +([a-z_]+(?:\.[a-z_]+)+)")
EVENT = re.compile(r"after +([a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*(?::[a-z][a-z0-9_]*)?)")
METHOD = re.compile(r"(schedule|component|action) +([A-Za-z_][A-Za-z0-9_]*)")
METHODS: Mapping[str, Callable[[str], Target]] = {
    "schedule": ScheduleTarget,
    "component": ComponentTarget,
    "action": ActionTarget,
}
LIFECYCLE = re.compile(r"on_(?:install|activate|settings_changed|permissions_changed|update|deactivate|uninstall)")


def parse_target(text: str) -> Target:
    """What a text such as `GET /path?x=y` or `before customers.create` means; raises `InvalidInput` for any other."""
    text = text.strip()
    if route := ROUTE.fullmatch(text):
        parts = urlsplit(route[2])
        return RouteTarget(route[1], unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)))
    if hook := HOOK.fullmatch(text):
        return HookTarget(hook[1])
    if event := EVENT.fullmatch(text):
        return EventTarget(event[1])
    if method := METHOD.fullmatch(text):
        return METHODS[method[1]](method[2])
    if LIFECYCLE.fullmatch(text):
        return LifecycleTarget(text)
    raise InvalidInput(
        f'"{text}" is nothing that can be called.',
        code="call.bad_target",
        place="TARGET",
        next_step=(
            'Write "GET /path?name=value", "before customers.create", "after customers.create", '
            '"after acme.loyalty:level_reached", "schedule", "component" or "action" and the name of the method, or '
            '"on_activate".'
        ),
    )


def parse_payload(text: str | None) -> Any:
    """The JSON in `text`, in the file that `@file` names, or on standard input for `@-`; None for nothing."""
    if text is None:
        return None
    content = sys.stdin.read() if text == "@-" else Path(text[1:]).read_text("utf-8") if text[:1] == "@" else text
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The payload is not JSON: {error}.",
            code="call.bad_payload",
            place="--payload",
            next_step="""Quote it for the shell, as in --payload '{"name": "Ada"}', or write it to a file: @file.""",
        ) from error


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def parse_seed(text: str | None) -> bytes | None:
    """The bytes that `text` says in hexadecimal; raises `InvalidInput`."""
    if text is None:
        return None
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){1,32}", text):
        return bytes.fromhex(text)
    raise InvalidInput(
        f'"{text}" is no seed.',
        code="call.bad_seed",
        place="--seed",
        next_step="Write 2 to 64 hexadecimal digits: 00ff.",
    )


def parse_now(text: str | None) -> datetime:
    """The moment that `text` says in ISO 8601 with a time zone, or this one; raises `InvalidInput`."""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment.timestamp() >= 0:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        f'"{text}" is no moment.', code="call.bad_time", place="--now", next_step="Write 2030-01-31T12:00:00Z."
    )
