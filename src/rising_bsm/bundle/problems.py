"""Telling a person, all at once, what is wrong with the values of a model."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from rising_bsm.bundle.fields import PATTERN_SENTENCES


def problems(error: ValidationError, known_keys: Iterable[str]) -> dict[str, str]:
    """Each wrong field (`permissions[0].code`) with what is wrong with it (`must be ...`)."""
    known = sorted(known_keys)
    return {_path(detail["loc"]): _sentence(detail, known) for detail in error.errors(include_url=False)}


def did_you_mean(key: str, known: Iterable[str]) -> str:
    """The sentence for a key that is not known, with the closest one that is."""
    close = get_close_matches(key, sorted(known), n=1)
    return "is not a known key" + (f"; did you mean {close[0]}?" if close else "")


def _path(location: Iterable[str | int]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _sentence(detail: Mapping[str, Any], known: Iterable[str]) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return did_you_mean(str(detail["loc"][-1]), known)
        case "string_pattern_mismatch":
            return PATTERN_SENTENCES[context["pattern"]]
        case "literal_error":
            return f"must be {context['expected']}"
        case "value_error":
            return str(context["error"])
    message = str(detail["msg"])
    return f"must{message.partition('should')[2]}" if "should" in message else message
