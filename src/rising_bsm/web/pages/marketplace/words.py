"""What the parts of plugins are called in pages, and numbers of bytes."""

from collections.abc import Mapping

from rising_bsm.web.i18n import as_number, gettext
from rising_bsm.web.i18n import no_translation as _

CATEGORIES: Mapping[str, str] = {
    "analytics": _("Analytics"),
    "automation": _("Automation"),
    "communication": _("Communication"),
    "customers": _("Customers"),
    "documents": _("Documents"),
    "finance": _("Finance"),
    "integrations": _("Integrations"),
    "marketing": _("Marketing"),
    "scheduling": _("Scheduling"),
    "security": _("Security"),
    "tools": _("Tools"),
    "other": _("Other"),
}
TYPES: Mapping[str, str] = {
    "ui": _("Adds to pages"),
    "api": _("For other programs"),
    "automation": _("Works by itself"),
    "mixed": _("Several of these"),
}
PRICES: Mapping[str, str] = {"free": _("Free"), "paid": _("Paid")}
ORDERS: Mapping[str, str] = {
    "installs": _("Most installed"),
    "rating": _("Best rated"),
    "newest": _("Newest"),
}
MOUNTS: Mapping[str, str] = {
    "dashboard.widget": _("On the dashboard"),
    "customer.detail": _("On the page of each customer"),
    "appointment.detail": _("On the page of each appointment"),
    "request.detail": _("On the page of each request"),
    "customers.actions": _("Among the actions of customers"),
    "appointments.actions": _("Among the actions of appointments"),
    "requests.actions": _("Among the actions of requests"),
    "page": _("A page of its own, in the menu"),
    "settings": _("Among its settings"),
}
HOOKS: Mapping[str, str] = {
    "customers.create": _("Before a customer is added"),
    "customers.update": _("Before a customer is changed"),
    "customers.delete": _("Before a customer is deleted"),
    "appointments.create": _("Before an appointment is added"),
    "appointments.update": _("Before an appointment is changed"),
    "appointments.delete": _("Before an appointment is deleted"),
    "requests.create": _("Before a request is added"),
    "requests.update": _("Before a request is changed"),
    "requests.delete": _("Before a request is deleted"),
}
STEPS: Mapping[str, str] = {
    "listed": _("Find it in the signed index of the marketplace"),
    "licensed": _("Verify the licence"),
    "reserved": _("Take a seat of the licence"),
    "token": _("Be handed out the version"),
    "downloaded": _("Download it and compare its digest"),
    "verified": _("Check the signature of its publisher"),
    "resolved": _("See that it fits this host and the other plugins"),
    "granted": _("Grant what was agreed to"),
    "staged": _("Load it in the sandbox"),
    "activated": _("Switch it on"),
    "scheduled": _("Arrange the next report to the marketplace"),
    "logged": _("Write it into the activity log"),
}
STATUSES: Mapping[str, str] = {
    "deprecated": _("Not recommended any more"),
    "suspended": _("Suspended"),
    "revoked": _("Revoked"),
}
REFUSED: Mapping[str, str] = {
    "unknown": _("There is no such permission here, so it cannot be installed."),
    "people_only": _("No plugin is ever allowed this, so it cannot be installed."),
    "not_yours": _("You cannot grant what you may not do yourself. Ask an administrator."),
}
UPDATE_STATES: Mapping[str, tuple[str, str]] = {
    "cooling": ("blue", _("Waits a while")),
    "waiting": ("orange", _("Waits for you")),
    "pinned": ("secondary", _("Pinned")),
    "applied": ("green", _("Done")),
    "failed": ("red", _("Failed")),
    "rolled_back": ("red", _("Taken back")),
}
"""Colour and name of what becomes of an update."""


def choices(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each with its name in the present language."""
    return [(code, gettext(name)) for code, name in names.items()]


def size_of(number: int) -> str:
    """So many bytes, for people: `1.4 MB`."""
    if number < 1_000_000:
        return f"{as_number(max(1, round(number / 1_000)))} kB"
    return f"{as_number(round(number / 1_000_000, 1))} MB"
