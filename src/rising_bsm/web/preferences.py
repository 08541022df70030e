"""How somebody wants pages to be: language, theme, time zone; kept in their browser, also before they sign in."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote, urlencode
from zoneinfo import available_timezones

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

COOKIE = "rbsm_preferences"
ZONE_COOKIE = "rbsm_zone"
"""Set by the page's script to the time zone that the browser is in."""

THEMES = ("auto", "light", "dark")
LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages of the pages, by code, each in its own words; the first is that of the source."""

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Preferences:
    """A language of `LANGUAGES`, a theme of `THEMES`, and the name of a time zone; `zone_chosen` if by the person."""

    language: str = "en"
    theme: str = "auto"
    time_zone: str = "UTC"
    zone_chosen: bool = False

    @classmethod
    def of(cls, connection: ASGIConnection[Any, Any, Any, Any]) -> "Preferences":
        """Those of whoever sends a request: what they chose, else what their browser says, else the defaults."""
        chosen = {name: values[0] for name, values in parse_qs(connection.cookies.get(COOKIE, "")[:300]).items()}
        spoken = _spoken(connection.headers.get("accept-language", "")[:200])
        zone = chosen.get("time_zone", "")
        theme, language = chosen.get("theme", ""), chosen.get("language", "")
        return cls(
            language=language if language in LANGUAGES else spoken,
            theme=theme if theme in THEMES else "auto",
            time_zone=_known_zone(zone) or _known_zone(connection.cookies.get(ZONE_COOKIE, "")) or "UTC",
            zone_chosen=bool(_known_zone(zone)),
        )

    def cookie(self, *, https: bool) -> Cookie:
        """What keeps them in the browser for a year."""
        kept = {"language": self.language, "theme": self.theme}
        if self.zone_chosen:
            kept["time_zone"] = self.time_zone
        # Twice, as the framework undoes it once: some time zones have a plus in their names.
        value = quote(urlencode(kept))
        return Cookie(COOKIE, value=value, max_age=_YEAR, httponly=True, samesite="lax", secure=https or None)


def _known_zone(name: str) -> str | None:
    name = name.replace("%2F", "/")
    return name if name in time_zones() else None


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones that there are here."""
    return frozenset(available_timezones())


def _spoken(accepted: str) -> str:
    """The first of our languages that the browser asks for (RFC 9110, 12.5.4), English without any."""
    asked = sorted((_quality(part) for part in accepted.split(",")), key=lambda found: -found[1])
    known = [language for language, quality in asked if language in LANGUAGES and quality > 0]
    return known[0] if known else next(iter(LANGUAGES))


def _quality(part: str) -> tuple[str, float]:
    name, _, parameters = part.strip().partition(";")
    text = parameters.strip().removeprefix("q=") if parameters else "1"
    try:
        quality = float(text)
    except ValueError:
        quality = 0.0
    return name.split("-")[0].lower(), quality
