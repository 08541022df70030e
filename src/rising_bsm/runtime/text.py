"""Text that a stranger wrote, made safe to show."""


def visible(text: str, characters: int = 500) -> str:
    """The text on one line: what cannot be seen is escaped as in Python (`\\x1b`), what is over `characters` is cut."""
    text = text if len(text) <= characters else text[: characters - 1] + "…"
    return text if text.isprintable() else "".join(map(_visible, text))


def visible_json(value: object) -> object:
    """The JSON value with each of its texts made visible; raises RecursionError for one that is nested too deeply."""
    if isinstance(value, dict):
        return {visible(str(key)): visible_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [visible_json(item) for item in value]
    return visible(value, len(value)) if isinstance(value, str) else value


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
