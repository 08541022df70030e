"""What people call the states of a service request."""

from collections.abc import Mapping

from rising_bsm.web.i18n import no_translation as _

STATUSES: Mapping[str, str] = {
    "new": _("New"),
    "in_progress": _("In progress"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
}
"""Every state, in the order in which they come about. Not translated."""

COLOURS: Mapping[str, str] = {"new": "blue", "in_progress": "orange", "completed": "green", "cancelled": "secondary"}
"""The colour of the badge of each."""

STEPS: Mapping[str, tuple[str, str]] = {
    "in_progress": (_("Take up"), "player-play"),
    "completed": (_("Complete"), "checks"),
    "new": (_("Set back to new"), "inbox"),
    "cancelled": (_("Cancel request"), "x"),
}
"""How to get into a state: the words of the button, and its icon."""

NEXT: Mapping[str, tuple[str, ...]] = {
    "new": ("in_progress", "completed", "cancelled"),
    "in_progress": ("completed", "new", "cancelled"),
    "completed": ("in_progress",),
    "cancelled": ("in_progress",),
}
"""Into which states people take a request from each, the usual one first."""
