"""Whether a verified plugin may be installed here, by this person."""

from rising_bsm import __version__
from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.bundle import Manifest
from rising_bsm.errors import Conflict, InvalidInput


class WrongHost(Conflict):
    """The plugin is not made for this version of the host."""

    code = "plugins.host_version"


class UnknownPermission(InvalidInput):
    """The plugin names permissions that there are not; `place` is the first."""

    code = "plugins.unknown_permission"


class PermissionForPeople(InvalidInput):
    """The plugin asks for what no plugin is allowed; `place` is the first such permission."""

    code = "plugins.permission_for_people"


def check_host(manifest: Manifest) -> None:
    """Raises WrongHost unless the plugin is made for hosts of this version."""
    if not manifest.supports(__version__):
        raise WrongHost(
            f"{manifest.id} {manifest.version} is made for Rising-BSM {manifest.host}, and this is {__version__}.",
            place="host",
            next_step="Get a version of the plugin that is made for this one, or ask its author for it.",
        )


def grants_for(actor: Actor, manifest: Manifest) -> frozenset[str]:
    """All that the plugin asks for, to be granted by the actor, who must have it.

    Raises UnknownPermission, PermissionForPeople, PermissionDenied.
    """
    asked = [request.code for request in manifest.permissions]
    named = [*asked, *(route.permission for route in manifest.exports.routes if route.permission)]
    if unknown := [code for code in named if code not in PERMISSIONS]:
        raise UnknownPermission(
            f"{manifest.id} names permissions that there are not here: {', '.join(dict.fromkeys(unknown))}.",
            place=unknown[0],
            next_step=f"Its author must correct it. There are {', '.join(PERMISSIONS)}.",
        )
    if forbidden := [code for code in asked if code in PEOPLE_ONLY]:
        raise PermissionForPeople(
            f"{manifest.id} asks for what only people may do: {', '.join(forbidden)}.",
            place=forbidden[0],
            next_step="Its author must do without.",
        )
    for code in asked:
        actor.require(code)
    return frozenset(asked)
