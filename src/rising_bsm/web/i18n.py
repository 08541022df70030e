"""What a page says, in the language, the time zone and the notation of whoever reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from rising_bsm.web.preferences import Preferences

_now: ContextVar[Preferences] = ContextVar("preferences")


@contextmanager
def speaking(preferences: Preferences) -> Iterator[None]:
    """Within it, texts, moments and numbers are in these preferences."""
    token = _now.set(preferences)
    try:
        yield
    finally:
        _now.reset(token)


def preferences() -> Preferences:
    """Those of whoever the present answer is for; the defaults outside of a request."""
    return _now.get(Preferences())


def gettext(text: str) -> str:
    """The text in the present language; as it is where nobody has translated it."""
    return _translations(preferences().language).ugettext(text)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form of the text that goes with this number, in the present language."""
    return _translations(preferences().language).ungettext(singular, plural, number)


def no_translation(text: str) -> str:
    """Marks a text to be collected for translation, and leaves it as it is for now."""
    return text


def as_moment(moment: datetime | str | None) -> str:
    """A moment as day and time in the present time zone; nothing for none."""
    return dates.format_datetime(_local(moment), "medium", locale=_locale()).replace(":00 ", " ") if moment else ""


def as_date(day: date | datetime | str | None) -> str:
    """The day, such as `24 Dec 2026`."""
    if isinstance(day, date) and not isinstance(day, datetime):
        return dates.format_date(day, "medium", locale=_locale())
    return dates.format_date(_local(day), "medium", locale=_locale()) if day else ""


def as_time(moment: datetime | str | None) -> str:
    """The time of day, such as `14:30`."""
    return dates.format_time(_local(moment), "short", locale=_locale()) if moment else ""


def as_skeleton(day: date | datetime, skeleton: str) -> str:
    """Those parts of a day that a CLDR skeleton names, as the language puts them: `yMMMM` is `November 2026`."""
    shown = _local(day) if isinstance(day, datetime) else datetime.combine(day, time())
    return dates.format_skeleton(skeleton, shown, locale=_locale())


def first_weekday() -> int:
    """The day that weeks begin with where the present language is spoken; Monday is 0."""
    return _locale().first_week_day


def as_ago(moment: datetime | str | None) -> str:
    """How long ago it was, or how long until then, such as `3 hours ago`."""
    if not moment:
        return ""
    return dates.format_timedelta(_local(moment) - datetime.now(UTC), add_direction=True, locale=_locale())


def as_number(number: float) -> str:
    """The number with the separators of the present language."""
    return numbers.format_decimal(number, locale=_locale())


def as_currency(amount: float, currency: str) -> str:
    """An amount of money; `currency` is its ISO 4217 code."""
    return numbers.format_currency(amount, currency, locale=_locale())


FILTERS = {
    "moment": as_moment,
    "date": as_date,
    "time": as_time,
    "skeleton": as_skeleton,
    "ago": as_ago,
    "number": as_number,
    "currency": as_currency,
}
"""The filters of templates, by the names they have there."""


def local(moment: datetime) -> datetime:
    """The moment on the clocks of whoever reads the page."""
    return moment.astimezone(ZoneInfo(preferences().time_zone))


def _local(moment: date | datetime | str | None) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    assert isinstance(moment, datetime)
    return local(moment)


def _locale() -> Locale:
    # English as most of the world writes its days and hours.
    return Locale.parse({"en": "en_GB"}.get(preferences().language, preferences().language))


@cache
def _translations(language: str) -> NullTranslations:
    file = files("rising_bsm.web") / "locale" / f"{language}.po"
    if not file.is_file():
        return NullTranslations()
    with file.open("rb") as stream:
        catalog = read_po(stream, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
