"""Commands for the plugins of a running instance."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

import typer

from rising_bsm.cli.options import LOCAL_URL, Json, Token, Url, Yes
from rising_bsm.cli.terminal import as_json, columns, confirm, note, progress, say, ticked, visible

if TYPE_CHECKING:
    from rising_bsm.bundle.manifest import Manifest, PermissionRequest
    from rising_bsm.cli.client import Instance

PLUGIN = ("id", "version", "state")
Grant = Annotated[
    list[str] | None,
    typer.Option("--grant", metavar="CODE", help="An optional permission that it is to have; once for each."),
]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="CODE", help="Grant this new permission or place; once for each."),
]
Force = Annotated[bool, typer.Option("--force", help="Do it although other plugins need this one.")]
PluginId = Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")]


What = Annotated[
    str, typer.Argument(metavar="BUNDLE|PUBLISHER.NAME", help="A file that was built, or a plugin of the marketplace.")
]


def install(
    bundle: What,
    grant: Grant = None,
    version: Annotated[str | None, typer.Option("--version", help="Of the marketplace: this version.")] = None,
    channel: Annotated[
        Literal["stable", "beta"], typer.Option("--channel", help="Of the marketplace: also what is tried out.")
    ] = "stable",
    key: Annotated[str | None, typer.Option("--key", help="Of the marketplace: a licence key.")] = None,
    trial: Annotated[bool, typer.Option("--trial", help="Of the marketplace: try what costs something.")] = False,
    with_dependencies: Annotated[
        bool, typer.Option("--with-dependencies", help="Of the marketplace: first what it needs and is missing.")
    ] = False,
    yes: Yes = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Install a signed bundle, or a plugin of the marketplace, after showing what it may do there.

    \b
    Examples:
      rising-bsm install acme.hello
      rising-bsm install acme.hello --trial
      rising-bsm install acme.hello-0.1.0.rbsm
      rising-bsm install acme.hello-0.1.0.rbsm --grant users.read
      rising-bsm install acme.hello-0.1.0.rbsm --yes --url https://bsm.example.com
    """
    if _is_of_market(bundle):
        wanted = {"version": version, "channel": channel, "license_key": key, "trial": trial, "grant": grant or []}
        wanted |= {"plugin": bundle, "with_dependencies": with_dependencies}
        _install_from_market(wanted, url, token, yes=yes, json=json)
        return
    from rising_bsm.bundle.verify import open_unsigned
    from rising_bsm.cli.files import read_bundle_file
    from rising_bsm.cli.instance import open_instance

    data = read_bundle_file(Path(bundle))
    _show(open_unsigned(data).manifest)
    with open_instance(url, token) as instance:
        if not yes and not confirm(f"Install it on {visible(url)} and grant this?", option="--yes"):
            raise typer.Exit(1)
        with progress("Installing"):
            plugin = instance.upload(f"/api/plugins?{urlencode({'grant': grant or []}, doseq=True)}", data, has=PLUGIN)
    _tell(plugin, "is installed", json=json)


def list_plugins(url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """List the installed plugins.

    \b
    Examples:
      rising-bsm list
      rising-bsm list --json --url https://bsm.example.com
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        listed = instance.get("/api/plugins", has=["items"])["items"]
    plugins = [plugin for plugin in listed if not plugin.get("system")]
    if json:
        say(as_json(plugins))
    elif plugins:
        _list(plugins)
    else:
        note("No plugin is installed.")


def activate(plugin_id: PluginId, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Switch an installed plugin on.

    \b
    Examples:
      rising-bsm activate acme.hello
    """
    _switch(plugin_id, "activate", "is active", url, token, json)


def deactivate(
    plugin_id: PluginId, force: Force = False, url: Url = LOCAL_URL, token: Token = None, json: Json = False
) -> None:
    """Switch a plugin off and keep what it stored.

    \b
    Examples:
      rising-bsm deactivate acme.hello
    """
    _switch(plugin_id, f"deactivate{_forced(force)}", "is switched off", url, token, json)


def update(
    bundle: What,
    accept: Accept = None,
    yes: Yes = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Replace an installed plugin by the newer version in a bundle, or of the marketplace; what it stored stays.

    What the new version asks for and the old one did not have is shown, and granted when you agree, or when it is
    named with --accept.

    \b
    Examples:
      rising-bsm update acme.hello
      rising-bsm update acme.hello-0.2.0.rbsm
      rising-bsm update acme.hello-0.2.0.rbsm --yes --accept customers.update
    """
    from rising_bsm.bundle.verify import open_unsigned
    from rising_bsm.cli.files import read_bundle_file
    from rising_bsm.cli.instance import open_instance

    if _is_of_market(bundle):
        _update_from_market(bundle, accept or [], url, token, yes=yes, json=json)
        return
    data = read_bundle_file(Path(bundle))
    manifest = open_unsigned(data).manifest
    _show(manifest)
    with open_instance(url, token) as instance:
        if not yes and not confirm(f"Update {manifest.id} on {visible(url)}?", option="--yes"):
            raise typer.Exit(1)
        plugin = _update(instance, manifest.id, data, accept or [], yes=yes)
    _tell(plugin, "is installed", json=json)
    if not json:
        _show_replaced(plugin["replaced"])


def rollback(
    plugin_id: PluginId,
    keep_data: Annotated[bool, typer.Option("--keep-data", help="Keep what it has stored since the update.")] = False,
    restore_data: Annotated[
        bool, typer.Option("--restore-data", help="Take back what it has stored since the update; what is new is lost.")
    ] = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Bring back the version before the last update, with what the plugin had stored then.

    If it has stored something since, you are asked whether that is to be lost.

    \b
    Examples:
      rising-bsm rollback acme.hello
      rising-bsm rollback acme.hello --keep-data
    """
    chosen = "keep" if keep_data else "restore" if restore_data else None
    plugin = _roll_back(plugin_id, chosen, url, token)
    _tell(plugin, "is back", json=json)


def _roll_back(plugin_id: str, chosen: str | None, url: str, token: str | None) -> Mapping[str, Any]:
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance
    from rising_bsm.errors import Error

    parse_id(plugin_id)
    path = f"/api/plugins/{plugin_id}/rollback"
    with open_instance(url, token) as instance:
        try:
            plugin: Mapping[str, Any] = instance.post(f"{path}?data={chosen}" if chosen else path, has=PLUGIN)
            return plugin
        except Error as refusal:
            if refusal.code != "plugins.newer_data":
                raise
            note(visible(refusal.message))
        if not confirm(
            "Lose what is new, and have the data as they were then?", option="--keep-data or --restore-data"
        ):
            raise typer.Exit(1)
        restored: Mapping[str, Any] = instance.post(f"{path}?data=restore", has=PLUGIN)
        return restored


def uninstall(
    plugin_id: PluginId,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep what it has stored for when it is installed again.")
    ] = False,
    yes: Yes = False,
    force: Force = False,
    url: Url = LOCAL_URL,
    token: Token = None,
) -> None:
    """Remove a plugin and everything it stored; or keep that for when it is installed again.

    \b
    Examples:
      rising-bsm uninstall acme.hello
      rising-bsm uninstall acme.hello --keep-data
      rising-bsm uninstall acme.hello --yes
    """
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin_id)
    with open_instance(url, token) as instance:
        what = "and keep what it stored" if keep_data else "and everything it stored"
        if not yes and not confirm(f"Remove {plugin_id} {what}?", option="--yes"):
            raise typer.Exit(1)
        said = {"force": "true"} if force else {}
        said |= {"data": "keep"} if keep_data else {}
        with progress("Removing"):
            instance.delete(f"/api/plugins/{plugin_id}{'?' if said else ''}{urlencode(said)}")
    ticked(f"{plugin_id} is removed; what it stored is kept." if keep_data else f"{plugin_id} is removed, {what}.")


def _update(
    instance: "Instance", plugin_id: str, data: bytes, accepted: Sequence[str], *, yes: bool
) -> Mapping[str, Any]:
    from rising_bsm.errors import InvalidInput

    path = f"/api/plugins/{plugin_id}/update?{urlencode([('accept', code) for code in accepted])}"
    try:
        with progress("Updating"):
            updated: Mapping[str, Any] = instance.upload(path, data, has=(*PLUGIN, "replaced"))
            return updated
    except InvalidInput as refusal:
        if refusal.code != "plugins.new_permissions" or yes:
            raise
        refused = refusal.fields
    more = _agreed(refused)
    return _update(instance, plugin_id, data, [*accepted, *more], yes=True)


def _is_of_market(text: str) -> bool:
    """Whether it is the id of a plugin, and not the name of a file."""
    from rising_bsm.cli.ids import ID

    return ID.fullmatch(text) is not None and not text.endswith(".rbsm") and not Path(text).exists()


def _install_from_market(wanted: Mapping[str, Any], url: str, token: str | None, *, yes: bool, json: bool) -> None:
    from rising_bsm.cli.instance import open_instance
    from rising_bsm.cli.shopping import describe, follow

    with open_instance(url, token) as instance:
        describe(instance.get(f"/api/market/plugins/{wanted['plugin']}", has=["id"]))
        if not yes and not confirm(f"Install it on {visible(url)} and grant this?", option="--yes"):
            raise typer.Exit(1)
        ended = follow(instance, instance.post("/api/market/installs", wanted, has=["id"]))
    _tell_ended(ended, json=json)


def _update_from_market(
    plugin_id: str, accepted: Sequence[str], url: str, token: str | None, *, yes: bool, json: bool
) -> None:
    from rising_bsm.cli.instance import open_instance
    from rising_bsm.cli.shopping import follow
    from rising_bsm.errors import InvalidInput

    with open_instance(url, token) as instance:
        instance.post("/api/market/updates/check", has=["items"])
        if not yes and not confirm(f"Update {plugin_id} on {visible(url)}?", option="--yes"):
            raise typer.Exit(1)
        path = f"/api/market/updates/{plugin_id}/apply"
        try:
            ended = follow(instance, instance.post(path, {"accept": list(accepted)}, has=["id"]))
        except InvalidInput as refusal:
            if refusal.code != "plugins.new_permissions" or yes:
                raise
            more = _agreed(refusal.fields)
            ended = follow(instance, instance.post(path, {"accept": [*accepted, *more]}, has=["id"]))
    _tell_ended(ended, json=json)


def _agreed(more: Mapping[str, str]) -> Sequence[str]:
    note("It asks for more than it has:")
    for code, reason in more.items():
        note(f"  {visible(code)}")
        note(f"    because: {visible(reason)}")
    if not confirm("Grant this?", option="--accept"):
        raise typer.Exit(1)
    return list(more)


def _tell_ended(ended: Mapping[str, Any], *, json: bool) -> None:
    if json:
        say(as_json(ended))
    else:
        ticked(f"{visible(ended['plugin_id'])} {visible(ended['version'])} is installed")


def _forced(force: bool) -> str:
    return "?force=true" if force else ""


def _switch(plugin_id: str, verb: str, done: str, url: str, token: str | None, json: bool) -> None:
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin_id)
    with open_instance(url, token) as instance:
        plugin = instance.post(f"/api/plugins/{plugin_id}/{verb}", has=PLUGIN)
    _tell(plugin, done, json=json)


def _tell(plugin: Mapping[str, Any], done: str, *, json: bool) -> None:
    if json:
        say(as_json(plugin))
    else:
        ticked(f"{visible(plugin['id'])} {visible(plugin['version'])} {done}")


def _list(plugins: Sequence[Mapping[str, Any]]) -> None:
    for line in columns((plugin["id"], plugin["version"], plugin["state"]) for plugin in plugins):
        say(line)
    for plugin in plugins:
        if problem := plugin.get("problem"):
            note(f"{visible(plugin['id'])} cannot run: {visible(problem['message'])}")


def _show(manifest: "Manifest") -> None:
    from rising_bsm.bundle.manifest import ANSWERS_STRANGERS

    note(f"{manifest.display_name} ({manifest.id} {manifest.version}): {manifest.description}")
    _show_permissions("It asks to be allowed to:", manifest.permissions)
    _show_permissions("It does more if it is allowed to (--grant):", manifest.optional_permissions)
    if not manifest.permissions and not manifest.optional_permissions:
        note("It asks for no permissions.")
    if public := [f"{route.method} {route.path}" for route in manifest.exports.routes if route.public]:
        note(f"With {ANSWERS_STRANGERS}, people who are not signed in may use {', '.join(public)}")
    if manifest.network:
        note("It asks to reach on the network:")
    for place in manifest.network:
        note(f"  {', '.join(place.methods)} {place.url}")
        note(f"    because: {place.reason}")


def _show_permissions(head: str, requests: "Sequence[PermissionRequest]") -> None:
    from rising_bsm.accounts.permissions import PERMISSIONS

    if requests:
        note(head)
    for request in requests:
        note(f"  {PERMISSIONS.get(request.code, request.code)} ({request.code})")
        note(f"    because: {request.reason}")


def _show_replaced(replaced: Mapping[str, Any]) -> None:
    if reset := replaced["settings_reset"]:
        note(f"These settings do not fit any more and are as if nobody had set them: {visible(', '.join(reset))}")
    if missing := replaced["settings_missing"]:
        note(f"These settings must be set: {visible(', '.join(missing))}")
