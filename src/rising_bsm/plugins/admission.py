"""Whether a verified plugin may be installed here, by this person."""

from collections.abc import Collection, Mapping

from packaging.version import Version

from rising_bsm import __version__
from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.accounts.permissions import PEOPLE_ONLY
from rising_bsm.bundle import Manifest
from rising_bsm.errors import Conflict, InvalidInput
from rising_bsm.plugins.tables import InstalledPlugin
from rising_bsm.plugins.versions import PluginVersion
from rising_bsm.runtime.text import visible


class WrongHost(Conflict):
    """The plugin is not made for this version of the host."""

    code = "plugins.host_version"


class UnknownPermission(InvalidInput):
    """The plugin names permissions that there are not; `place` is the first."""

    code = "plugins.unknown_permission"


class PermissionForPeople(InvalidInput):
    """The plugin asks for what no plugin is allowed; `place` is the first such permission."""

    code = "plugins.permission_for_people"


class NotAskedFor(InvalidInput):
    """A permission was chosen that the plugin does not ask for; `place` is the first."""

    code = "plugins.not_asked_for"


class OtherPlugin(InvalidInput):
    """The bundle is of another plugin than the one to be updated; `place` is that of the bundle."""

    code = "plugins.other_plugin"


class Downgrade(Conflict):
    """The version is not newer than the one that is installed; `place` is the version of the bundle."""

    code = "plugins.downgrade"


class NewPermissions(InvalidInput):
    """The new version asks for more than the old one has, or somebody else has signed it; `fields` has each of it,
    with the reason."""

    code = "plugins.new_permissions"


def check_host(manifest: Manifest) -> None:
    """Raises WrongHost unless the plugin is made for hosts of this version."""
    if not manifest.supports(__version__):
        raise WrongHost(
            f"{manifest.id} {manifest.version} is made for Rising-BSM {manifest.host}, and this is {__version__}.",
            place="host",
            next_step="Get a version of the plugin that is made for this one, or ask its author for it.",
        )


def check_successor(plugin: InstalledPlugin, manifest: Manifest) -> None:
    """Raises OtherPlugin, WrongHost or Downgrade unless it is a newer version of the same plugin, for this host."""
    if manifest.id != plugin.plugin_id:
        raise OtherPlugin(
            f"The bundle is of {manifest.id}, not of {plugin.plugin_id}.",
            place=manifest.id,
            next_step=f"Install {manifest.id} on its own, or choose a bundle of {plugin.plugin_id}.",
        )
    check_host(manifest)
    if Version(manifest.version) <= Version(str(plugin.version)):
        raise Downgrade(
            f"{manifest.id} {manifest.version} is not newer than {plugin.version}, which is installed.",
            place=manifest.version,
            next_step="To go back to the version before the last update, use `rising-bsm rollback`.",
        )


def check_accepted(
    old: Manifest,
    granted: Collection[str],
    new: Manifest,
    accepted: Collection[str],
    signer: Mapping[str, str],
) -> frozenset[str]:
    """The optional permissions that the new version gets: what was chosen of the old one's, and now `accepted`.

    Permissions are accepted by their codes, places on the network as `POST:https://...`, being kept in memory as
    `resident`, and what `asked_of_signer` says as that. Raises NewPermissions for what the new version cannot do
    without and was neither granted before nor accepted, NotAskedFor for what was accepted and it does not ask for.
    """
    demands, optional = _demands(new) | dict(signer), {request.code for request in new.optional_permissions}
    if strange := [code for code in accepted if code not in demands and code not in optional]:
        raise NotAskedFor(
            f"{new.id} {new.version} does not ask for {visible(', '.join(strange))}.",
            place=visible(strange[0]),
            next_step=f"It asks for {', '.join([*demands, *sorted(optional)]) or 'nothing'}.",
        )
    known = {*granted, *_demands(old), *accepted}
    if more := [code for code in demands if code not in known]:
        raise NewPermissions(
            f"{new.id} {new.version} asks for more than {old.version} has: "
            + "; ".join(f"{code} ({demands[code]})" for code in more),
            place=more[0],
            fields={code: demands[code] for code in more},
            next_step=f"If you agree, accept it: {' '.join(f'--accept {code}' for code in more)}",
        )
    return frozenset(optional & {*granted, *accepted})


def _demands(manifest: Manifest) -> dict[str, str]:
    """What the plugin cannot do without, each with its reason."""
    network = {f"{method}:{place.url}": place.reason for place in manifest.network for method in place.methods}
    resident = {"resident": "It stays in memory from call to call."} if manifest.resources.resident else {}
    return {request.code: request.reason for request in manifest.permissions} | network | resident


def grants_before(actor: Actor, plugin: InstalledPlugin, version: PluginVersion) -> frozenset[str]:
    """What the plugin is granted when it is in this earlier version again: all that it needs, and what had been chosen.

    What both versions ask for as optional is as it is now. Raises what `grants_for` does.
    """
    now, before = plugin.manifest, version.manifest
    asked_now = {request.code for request in (*now.permissions, *now.optional_permissions)}
    kept = {*plugin.grants, *(code for code in version.grants if code not in asked_now)}
    chosen = [request.code for request in before.optional_permissions if request.code in kept]
    return grants_for(actor, before, chosen, {*plugin.grants, *version.grants})


def grants_for(
    actor: Actor, manifest: Manifest, chosen: Collection[str] = (), granted: Collection[str] = ()
) -> frozenset[str]:
    """All that the plugin needs, and what was chosen of the rest that it asks for, granted by the actor who has it.

    What was `granted` before, the actor need not have.

    Raises UnknownPermission, PermissionForPeople, NotAskedFor, PermissionDenied.
    """
    needed = [request.code for request in manifest.permissions]
    asked = [*needed, *(request.code for request in manifest.optional_permissions)]
    shown = [
        *(route.permission for route in manifest.exports.routes),
        *(one.permission for one in manifest.exports.components),
    ]
    named = [*asked, *filter(None, shown)]
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
    if strange := [code for code in chosen if code not in asked]:
        raise NotAskedFor(
            f"{manifest.id} does not ask for {visible(', '.join(strange))}.",
            place=visible(strange[0]),
            next_step=f"It asks for {', '.join(asked) or 'nothing'}.",
        )
    grants = frozenset(needed) | frozenset(chosen)
    for code in sorted(grants - frozenset(granted)):
        actor.require(code)
    return grants
