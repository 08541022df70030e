"""What a licence allows and until when, as it stands in forms."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rising_bsm.web.i18n import local, preferences
from rising_bsm.web.pages.forms import Form

TERMS = ("type", "max_installs", "entitlements", "limits")


def terms_of(form: Form) -> dict[str, Any]:
    """What the licence allows, as the services take it; what is no number stays text, and is refused there."""
    return {
        "type": form.text("type"),
        "max_installs": _number(form.text("max_installs")),
        "entitlements": form.words("entitlements"),
        "limits": _limits(form.text("limits")),
    }


def end_of(text: str) -> str | None:
    """The end of a day, such as 2027-01-31, where the reader is, as a moment; other text as it is; None for none."""
    if not text.strip():
        return None
    try:
        day = datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return text
    zone = ZoneInfo(preferences().time_zone)
    return datetime.combine(day + timedelta(days=1), time(), zone).isoformat()


def typed(licence: Mapping[str, Any]) -> dict[str, str]:
    """The terms of a licence as they would be typed."""
    end = licence["expires_at"]
    day = local(datetime.fromisoformat(end)) - timedelta(seconds=1) if end else None
    return {
        "type": licence["type"],
        "max_installs": str(licence["max_installs"]),
        "entitlements": ", ".join(licence["entitlements"]),
        "limits": ", ".join(f"{name}={value}" for name, value in licence["limits"].items()),
        "expires_at": day.date().isoformat() if day else "",
    }


def _limits(text: str) -> dict[str, Any]:
    parts = [part.partition("=") for part in text.replace("\n", ",").split(",") if part.strip()]
    return {name.strip(): _number(value) for name, _, value in parts}


def _number(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 20 else text
