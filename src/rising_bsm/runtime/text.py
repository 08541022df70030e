"""Text that a stranger wrote, made safe to show."""

from typing import Any


def visible(text: str, characters: int = 500) -> str:
    """The text on one line: what cannot be seen is escaped as in Python (`\\x1b`), what is over `characters` is cut."""
    shown = text[: characters + 1]
    if not shown.isprintable():
        shown = "".join(map(_visible, shown))
    return shown if len(shown) <= characters else shown[: characters - 1] + "…"


def visible_json(value: Any) -> Any:
    """The JSON value with all its texts made visible; raises RecursionError for one that is nested too deeply."""
    if isinstance(value, dict):
        return {visible(key): visible_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible_json(item) for item in value]
    return visible(value) if isinstance(value, str) else value


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
