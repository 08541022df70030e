"""Demo customers, made up from lists of words, the same ones every time."""

import unicodedata
from collections.abc import Sequence
from typing import Any

COUNT = 48

_FIRST_NAMES = ("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Frida", "Goran", "Hanne", "Ines", "Jonas", "Kaito", "Léa")
_LAST_NAMES = ("Abel", "Brandt", "Costa", "Dahl", "Eriksen", "Fontaine", "Grün", "Horvat", "Ito", "Jansen", "Köhler")
_COMPANY_FIRST = ("Amber", "Birch", "Copper", "Delta", "Ember", "Fjord", "Granite")
_COMPANY_LAST = ("Gardens", "Kitchens", "Logistics", "Roofing", "Studios")
_STREETS = ("Am Alten Hafen", "Bahnhofstraße", "Church Lane", "Rue des Lilas", "Mill Road", "Via Nuova", "Lindenweg")
# City, postal code, country, and the beginning of a telephone number out of a range kept free for fiction, if any.
_PLACES = (
    ("Berlin", "10115", "DE", "+49 30 23125 0"),
    ("London", "SW1A 1AA", "GB", "+44 20 7946 00"),
    ("Washington", "20001", "US", "+1 202 555 01"),
    ("Wien", "1010", "AT", ""),
    ("Zürich", "8001", "CH", ""),
    ("Lyon", "69001", "FR", ""),
    ("Torino", "10121", "IT", ""),
    ("Aarhus", "8000", "DK", ""),
)
_STATUSES = ("active", "active", "lead", "active", "inactive")
_TAGS = ("maintenance", "newsletter 2025", "referral", "vip", "wholesale")
_NOTES = ("", "", "Prefers to be called in the morning.", "", "Asked for an offer.\nCall back after the holidays.")


def demo_drafts() -> list[dict[str, Any]]:
    """The 48 demo customers as drafts; nobody of this name has one of these addresses (RFC 2606: `.example`)."""
    return [_draft(number) for number in range(COUNT)]


def _draft(number: int) -> dict[str, Any]:
    # The lengths of the lists differ in their divisors, so that the words meet in ever new combinations.
    first, last = nth(_FIRST_NAMES, number), nth(_LAST_NAMES, number)
    is_business = number % 3 == 0
    company = f"{nth(_COMPANY_FIRST, number)} {nth(_COMPANY_LAST, number)}" if is_business else ""
    city, postal_code, country, phone = nth(_PLACES, number)
    return {
        "name": f"{first} {last}",
        "email": f"{_plain(first)}.{_plain(last)}@{_plain(company) or 'home'}.example",
        "company": company,
        "phone": f"{phone}{number:02}" if phone else "",
        "address": f"{nth(_STREETS, number)} {number * 7 % 90 + 1}",
        "postal_code": postal_code,
        "city": city,
        "country": country,
        "type": "business" if is_business else "private",
        "status": nth(_STATUSES, number),
        "newsletter": number % 4 == 1,
        "tags": list(dict.fromkeys(nth(_TAGS, number + shift) for shift in range(0, number % 3 * 2, 2))),
        "notes": nth(_NOTES, number),
    }


def nth(words: Sequence[Any], number: int) -> Any:
    """The word with this number in a list that begins anew when it ends."""
    return words[number % len(words)]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower().replace(" ", "-"))
    return "".join(letter for letter in letters if letter.isascii())
