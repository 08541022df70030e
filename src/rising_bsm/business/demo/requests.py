"""Demo service requests: some new, some taken up, some done with."""

from collections.abc import Sequence
from typing import Any

from rising_bsm.business.demo.customers import nth

COUNT = 15

_NAMES = ("Mila Novak", "Paul Schneider", "Greta Lindqvist", "Omar Haddad", "Sofie Maurer", "Tim O'Hara", "Yuki Mori")
_SERVICES = ("Heizung", "Bad", "Dach", "Wartungsvertrag")
_MESSAGES = (
    "Unsere Heizung wird nicht mehr warm. Wann können Sie kommen?",
    "Wir planen ein neues Bad und hätten gern ein Angebot.",
    "After the storm some tiles are missing.\nCould somebody have a look?",
    "Bitte rufen Sie mich zurück.",
    "",
)
_SOURCES = ("website", "phone", "website", "referral")
_STATUSES = ("new", "new", "in_progress", "completed", "cancelled")


def request_drafts(customer_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The demo requests, the same ones every time; those that are done with have led to a customer."""
    return [_draft(number, nth(customer_ids, number)) for number in range(COUNT)]


def _draft(number: int, customer_id: str) -> dict[str, Any]:
    name, status = nth(_NAMES, number), nth(_STATUSES, number)
    return {
        "name": name,
        "email": f"{name.lower().replace(' ', '.').replace(chr(39), '')}@visitors.example",
        "phone": f"+49 30 23125 1{number:02}" if number % 2 else "",
        "service": nth(_SERVICES, number),
        "message": nth(_MESSAGES, number),
        "source": nth(_SOURCES, number),
        "status": status,
        "customer_id": customer_id if status == "completed" else None,
    }
