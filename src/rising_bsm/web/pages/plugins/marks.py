"""How a plugin is, in a few words, with what that means and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rising_bsm.db import now
from rising_bsm.licensing import LicenceState, Standing
from rising_bsm.plugins.market.tables import PluginAdvisory, PluginUpdate
from rising_bsm.web.i18n import as_moment
from rising_bsm.web.i18n import gettext as _


@dataclass(frozen=True)
class Mark:
    """A word about a plugin in a colour of the style, what it means, and where to see more."""

    kind: str
    label: str
    colour: str
    sentence: str = ""
    tab: str = ""


@dataclass(frozen=True)
class Known:
    """What is known of a plugin besides its own row."""

    paused: Sequence[Mapping[str, Any]] = ()
    update: PluginUpdate | None = None
    advisory: PluginAdvisory | None = None
    licence: Standing | None = None
    paid: bool = False


def marks_of(plugin: Mapping[str, Any], known: Known) -> list[Mark]:
    """The state of the plugin first, then what else there is to say, the worst first."""
    found = [_state(plugin), _advised(known.advisory), _licence(known), _pausing(known.paused), _update(known.update)]
    return [mark for mark in found if mark]


def paused_of(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those entries of a plugin's breaker that are left alone now."""
    moment = now()
    return [one for one in entries if one["paused_until"] and datetime.fromisoformat(one["paused_until"]) > moment]


def _state(plugin: Mapping[str, Any]) -> Mark:
    state, problem = plugin["state"], plugin["problem"] or {}
    why = " ".join(filter(None, (problem.get("message"), problem.get("next_step"))))
    if state == "active":
        return Mark("active", _("Active"), "green")
    if state == "failing":
        return Mark("broken", _("Broken"), "red", why)
    if state == "inactive":
        off = _("It answers nothing and keeps what it has stored. Switch it on when it is needed.")
        return Mark("off", _("Off"), "secondary", why or off)
    if state == "removing":
        return Mark("busy", _("Being removed"), "orange", _("It is gone in a moment."))
    return Mark("busy", _("Being installed"), "orange", _("It is there in a moment."))


def _advised(advisory: PluginAdvisory | None) -> Mark | None:
    if advisory is None:
        return None
    label = _("Suspended") if advisory.kind == "suspended" else _("Withdrawn")
    said = _("The marketplace advises against this version: %(reason)s Update, roll back or uninstall it.")
    return Mark("suspended", label, "red", said % {"reason": advisory.reason or "–"}, "versions")


def _licence(known: Known) -> Mark | None:
    if not known.paid:
        return None
    if known.licence is None:
        return Mark("licence", _("No licence"), "red", _("It does nothing without one. Activate a licence."), "license")
    state = known.licence.state
    if state in (LicenceState.OK, LicenceState.RENEW_DUE):
        return None
    colour = "orange" if state is LicenceState.GRACE else "red"
    labels = {
        LicenceState.GRACE: _("Licence in grace"),
        LicenceState.RESTRICTED: _("Licence restricted"),
        LicenceState.STOPPED: _("Licence ended"),
    }
    return Mark("licence", labels[state], colour, known.licence.sentence, "license")


def _pausing(paused: Sequence[Mapping[str, Any]]) -> Mark | None:
    if not paused:
        return None
    last = max(datetime.fromisoformat(one["paused_until"]) for one in paused)
    said = _("It kept failing %(entries)s, and is not asked until %(until)s. Its log says why.")
    entries = ", ".join(str(one["entry"]) for one in paused)
    return Mark(
        "pausing", _("Pausing"), "orange", said % {"entries": entries, "until": as_moment(last.astimezone(UTC))}, "log"
    )


def _update(update: PluginUpdate | None) -> Mark | None:
    if update is None or update.state == "applied":
        return None
    label = _("Update to %(version)s") % {"version": update.to_version}
    return Mark("update", label, "azure", "", "versions")
