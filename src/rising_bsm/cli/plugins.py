"""Commands for the plugins of a running instance."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rising_bsm.cli.options import LOCAL_URL, BundleFile, Json, Token, Url, Yes
from rising_bsm.cli.terminal import as_json, columns, confirm, note, progress, say, ticked, visible

if TYPE_CHECKING:
    from rising_bsm.bundle.manifest import Manifest

PLUGIN = ("id", "version", "state")
PluginId = Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")]


def install(
    bundle: BundleFile, yes: Yes = False, url: Url = LOCAL_URL, token: Token = None, json: Json = False
) -> None:
    """Install a signed bundle, after showing what it may do there.

    \b
    Examples:
      rising-bsm install acme.hello-0.1.0.rbsm
      rising-bsm install acme.hello-0.1.0.rbsm --yes --url https://bsm.example.com
    """
    from rising_bsm.bundle.verify import open_unsigned
    from rising_bsm.cli.files import read_bundle_file
    from rising_bsm.cli.instance import open_instance

    data = read_bundle_file(bundle)
    _show(open_unsigned(data).manifest)
    with open_instance(url, token) as instance:
        if not yes and not confirm(f"Install it on {visible(url)} and grant this?", option="--yes"):
            raise typer.Exit(1)
        with progress("Installing"):
            plugin = instance.upload("/api/plugins", data, has=PLUGIN)
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
        plugins = instance.get("/api/plugins", has=["items"])["items"]
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


def deactivate(plugin_id: PluginId, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Switch a plugin off and keep what it stored.

    \b
    Examples:
      rising-bsm deactivate acme.hello
    """
    _switch(plugin_id, "deactivate", "is switched off", url, token, json)


def uninstall(plugin_id: PluginId, yes: Yes = False, url: Url = LOCAL_URL, token: Token = None) -> None:
    """Remove a plugin and everything it stored.

    \b
    Examples:
      rising-bsm uninstall acme.hello
      rising-bsm uninstall acme.hello --yes
    """
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin_id)
    with open_instance(url, token) as instance:
        if not yes and not confirm(f"Remove {plugin_id} and everything it stored?", option="--yes"):
            raise typer.Exit(1)
        with progress("Removing"):
            instance.delete(f"/api/plugins/{plugin_id}")
    ticked(f"{plugin_id} is removed, and everything it stored.")


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
    from rising_bsm.accounts.permissions import PERMISSIONS

    note(f"{manifest.display_name} ({manifest.id} {manifest.version}): {manifest.description}")
    if not manifest.permissions:
        note("It asks for no permissions.")
        return
    note("It asks to be allowed to:")
    for request in manifest.permissions:
        note(f"  {PERMISSIONS.get(request.code, request.code)} ({request.code})")
        note(f"    because: {request.reason}")
