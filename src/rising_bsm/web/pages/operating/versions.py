"""What may be done with a version, by whom, and how it is said."""

from collections.abc import Collection
from dataclasses import dataclass

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotFound
from rising_bsm.marketplace.catalogue.statuses import VersionStatus
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.publishing.versions import VERBS
from rising_bsm.marketplace.submissions.states import VERSION_MOVES, Role
from rising_bsm.web.i18n import gettext
from rising_bsm.web.i18n import no_translation as _
from rising_bsm.web.pages.forms import Form


@dataclass(frozen=True)
class Verb:
    """A way to change a version: how the button is called, what the dialog says, and how it looks."""

    name: str
    label: str
    sentence: str
    done: str
    icon: str
    style: str
    reasoned: bool = True


_VERBS = (
    Verb("release", _("Release"), _("It can be had from now on."), _("is released"), "player-play", "primary", False),
    Verb(
        "deprecate",
        _("Deprecate"),
        _("It can still be had, and whoever has it reads that it should not be used any more, and why."),
        _("is deprecated"),
        "alert-triangle",
        "warning",
    ),
    Verb(
        "suspend",
        _("Suspend"),
        _("Nobody gets it until it is released again."),
        _("is suspended"),
        "player-pause",
        "warning",
    ),
    Verb(
        "revoke",
        _("Revoke"),
        _("Nobody gets it ever again, and whoever runs it is told to stop, with this reason. This cannot be undone."),
        _("is revoked"),
        "trash",
        "danger",
    ),
)


def verbs_for(status: str, roles: Collection[Role]) -> list[Verb]:
    """What people in these roles may do with a version of this status."""
    start = VersionStatus(status)
    return [verb for verb in _VERBS if VERSION_MOVES.get((start, VERBS[verb.name]), frozenset()) & set(roles)]


async def changed_version(market: Market, actor: Actor, plugin_id: str, form: Form) -> str:
    """Does with a version what the form says, and gives the sentence about it.

    Raises NotFound for an unknown verb, and what `Versions.change` raises.
    """
    verb = next((one for one in _VERBS if one.name == form.text("verb")), None)
    if verb is None:
        raise NotFound("A version cannot be changed so.", place=form.text("verb")[:40])
    draft = {"reason": form.text("reason"), "security": form.flag("security")}
    done = await market.office.versions.change(actor, plugin_id, form.text("version"), verb.name, draft)
    return f"{plugin_id} {done.version} {gettext(verb.done)}."
