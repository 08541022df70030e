"""What people call the states of an appointment."""

from collections.abc import Mapping

from rising_bsm.web.i18n import no_translation as _

STATUSES: Mapping[str, str] = {
    "planned": _("Planned"),
    "confirmed": _("Confirmed"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
}
"""Every state, in the order in which they come about. Not translated."""

COLOURS: Mapping[str, str] = {"planned": "blue", "confirmed": "green", "completed": "secondary", "cancelled": "red"}
"""The colour of the badge of each."""

STEPS: Mapping[str, tuple[str, str]] = {
    "confirmed": (_("Confirm"), "check"),
    "completed": (_("Complete"), "checks"),
    "planned": (_("Plan again"), "calendar-event"),
    "cancelled": (_("Cancel appointment"), "x"),
}
"""How to get into a state: the words of the button, and its icon."""

NEXT: Mapping[str, tuple[str, ...]] = {
    "planned": ("confirmed", "completed", "cancelled"),
    "confirmed": ("completed", "planned", "cancelled"),
    "completed": ("planned",),
    "cancelled": ("planned",),
}
"""Into which states people take an appointment from each, the usual one first."""
