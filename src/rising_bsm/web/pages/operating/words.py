"""The words of the marketplace as people read them."""

from typing import Any

from litestar import Response
from markupsafe import Markup

from rising_bsm.errors import Error
from rising_bsm.runtime.text import visible
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.operating.diffs import marked
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest

_CHARACTERS = 2_000
STATES = {
    "draft": _("Draft"),
    "submitted": _("Waits for the scan"),
    "scanning": _("Being scanned"),
    "in_review": _("Waits for review"),
    "approved": _("Approved"),
    "changes_requested": _("Changes requested"),
    "rejected": _("Rejected"),
    "withdrawn": _("Withdrawn"),
}
"""The states of a submission."""

STATE_COLOURS = {
    "draft": "secondary",
    "submitted": "blue",
    "scanning": "blue",
    "in_review": "yellow",
    "approved": "green",
    "changes_requested": "orange",
    "rejected": "red",
    "withdrawn": "secondary",
}

STATUSES = {
    "approved": _("Approved, not released"),
    "published": _("Released"),
    "deprecated": _("Deprecated"),
    "suspended": _("Suspended"),
    "revoked": _("Revoked"),
}
"""The statuses of a version."""

STATUS_COLOURS = {
    "approved": "blue",
    "published": "green",
    "deprecated": "yellow",
    "suspended": "orange",
    "revoked": "red",
}

DECISIONS = {
    "approve": _("Approved"),
    "request_changes": _("Changes requested"),
    "reject": _("Rejected"),
    "withdraw": _("Withdrawn"),
}
"""What was decided about a submission."""

LICENCE_STATUSES = {"active": _("Active"), "suspended": _("Suspended"), "revoked": _("Revoked")}
LICENCE_COLOURS = {"active": "green", "suspended": "orange", "revoked": "red"}
LICENCE_TYPES = {
    "basic": _("Basic"),
    "premium": _("Premium"),
    "enterprise": _("Enterprise"),
    "trial": _("Trial"),
}
CHANNELS = {"stable": _("Stable"), "beta": _("Beta")}


def seen(text: object) -> Markup:
    """What a stranger wrote, on one line, with what nobody can see marked."""
    return marked(visible(str(text), _CHARACTERS))


class Words:
    """All of them, for templates."""

    states, state_colours = STATES, STATE_COLOURS
    statuses, status_colours = STATUSES, STATUS_COLOURS
    decisions, channels = DECISIONS, CHANNELS
    licence_statuses, licence_colours, licence_types = LICENCE_STATUSES, LICENCE_COLOURS, LICENCE_TYPES


def market_page(request: StrictRequest, template: str, *, error: Error | None = None, **context: Any) -> Response[str]:
    """As `page`, for templates that need the words of the marketplace (`words`, `seen`)."""
    return page(request, template, error=error, words=Words, seen=seen, **context)
