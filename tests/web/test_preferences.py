"""How pages shall be, from what a browser says: whatever it says, it is one of ours."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request

from rising_bsm.web.preferences import COOKIE, LANGUAGES, THEMES, ZONE_COOKIE, Preferences, time_zones

_TEXT = st.text(st.characters(codec="latin-1", exclude_characters=";\r\n\0"), max_size=60)
_CODES = st.sampled_from(["de", "en", "fr", "de-AT", "EN-gb", "*", "zh-Hans"])
_QUALITIES = st.sampled_from(["", ";q=1", ";q=0.5", ";q=0", ";q=0.001", "; q=0.8"])


def asked(accepted: str = "", **cookies: str) -> Preferences:
    """The preferences of a browser that says this."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"accept-language", accepted.encode("latin-1")), (b"cookie", cookie.encode("latin-1"))]
    scope: Any = {"type": "http", "headers": headers, "method": "GET", "path": "/", "query_string": b""}
    return Preferences.of(Request(scope))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.5", "de"),
        ("en;q=0.2,de;q=0.7", "de"),
        ("de;q=0,en;q=0.1", "en"),
        ("DE", "de"),
        ("fr", "en"),
        ("de;q=x", "en"),
        ("de;q=nan,en;q=0.1", "en"),
        ("deutsch", "en"),
        (",,;q=1", "en"),
    ],
)
def test_the_language_is_the_best_that_both_know(accepted: str, language: str) -> None:
    assert asked(accepted).language == language


@given(st.lists(st.tuples(_CODES, _QUALITIES), max_size=6))
def test_no_language_that_was_refused_or_liked_less(wishes: list[tuple[str, str]]) -> None:
    found = asked(",".join(code + quality for code, quality in wishes)).language

    def liking(language: str) -> float:
        given = [quality for code, quality in wishes if code.split("-")[0].lower() == language]
        return max((float(quality.partition("=")[2] or 1) for quality in given), default=0.0)

    best = max(map(liking, LANGUAGES))
    assert liking(found) == best


@given(_TEXT, _TEXT, _TEXT)
def test_whatever_a_browser_says_it_is_one_of_ours(accepted: str, kept: str, zone: str) -> None:
    found = asked(accepted, **{COOKIE: kept, ZONE_COOKIE: zone})
    assert found.language in LANGUAGES
    assert found.theme in THEMES
    assert found.time_zone in time_zones()


@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.sampled_from(THEMES),
    st.sampled_from(sorted(time_zones())),
    st.booleans(),
)
def test_what_was_chosen_comes_back(language: str, theme: str, zone: str, chosen: bool) -> None:
    before = Preferences(language, theme, zone if chosen else "UTC", chosen)
    cookie = before.cookie(https=True)
    assert (cookie.httponly, cookie.secure, cookie.samesite) == (True, True, "lax")
    assert asked("fr", **{COOKIE: str(cookie.value)}) == before


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/localtime", "Europe/Berlin\n", "europe/berlin", ""])
def test_a_zone_that_is_none_is_not_looked_up(zone: str) -> None:
    assert asked(**{COOKIE: f"time_zone={quote(zone)}", ZONE_COOKIE: quote(zone)}).time_zone == "UTC"


def test_the_zone_of_the_browser_counts_until_somebody_chooses() -> None:
    assert asked(**{ZONE_COOKIE: "Europe/Vienna"}).time_zone == "Europe/Vienna"
    both = asked(**{ZONE_COOKIE: "Europe/Vienna", COOKIE: "time_zone=Asia%2FTokyo"})
    assert (both.time_zone, both.zone_chosen) == ("Asia/Tokyo", True)
