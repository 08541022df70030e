"""Demo appointments: two a working day, from a week ago to two weeks ahead."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rising_bsm.business.demo.customers import nth
from rising_bsm.db import iso

_PLACES = (("Europe/Berlin", "Werkstatt, Lindenweg 3"), ("Europe/Zurich", "Beim Kunden"), ("Europe/London", "By phone"))
_TITLES = (
    "Heizungswartung",
    "Erstgespräch",
    "Aufmaß",
    "Abnahme",
    "Angebot besprechen",
    "Reparatur",
    "Jahresinspektion",
)
_MINUTES = (60, 45, 90, 30, 120)
_BEGIN = (time(8), time(9, 30), time(11), time(13, 30), time(15))
_DESCRIPTIONS = ("", "Schlüssel beim Nachbarn.", "", "Bitte Unterlagen mitbringen.\nParken im Hof.", "")
_FIRST, _LAST = -7, 14


def appointment_drafts(customer_ids: Sequence[str], today: date) -> list[dict[str, Any]]:
    """Appointments around this day with every other customer, the same ones every time; past ones are over."""
    days = [day for day in _working_days(today) for _ in range(2)]
    return [_draft(number, nth(customer_ids[1::2], number), day, today) for number, day in enumerate(days)]


def _working_days(today: date) -> Iterator[date]:
    days = (today + timedelta(days=offset) for offset in range(_FIRST, _LAST + 1))
    return (day for day in days if day.isoweekday() < 6)


def _draft(number: int, customer_id: str, day: date, today: date) -> dict[str, Any]:
    time_zone, location = nth(_PLACES, number)
    status = nth(("completed", "completed", "completed", "cancelled"), number)
    return {
        "title": nth(_TITLES, number),
        "customer_id": customer_id,
        "starts_at": iso(datetime.combine(day, nth(_BEGIN, number), ZoneInfo(time_zone))),
        "time_zone": time_zone,
        "duration_minutes": nth(_MINUTES, number),
        "location": location,
        "description": nth(_DESCRIPTIONS, number),
        "status": status if day < today else nth(("confirmed", "planned"), number // 2),
    }
