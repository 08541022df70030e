"""`rising-bsm license`: the licences of an instance, and a drill of what may become of one."""

from typing import Annotated, Any

import typer

from rising_bsm.cli.drill import simulate
from rising_bsm.cli.ids import parse_id
from rising_bsm.cli.options import LOCAL_URL, Json, Token, Url
from rising_bsm.cli.terminal import as_json, columns, note, say, ticked, visible

license = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Licences for plugins that cost something.")
license.command()(simulate)

LICENSE = ("plugin", "state", "code", "sentence")
PluginId = Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")]


@license.command("list")
def list_licenses(url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """List the licences that the instance holds, and how each stands.

    \b
    Examples:
      rising-bsm license list
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        found = instance.get("/api/licenses", has=["items"])["items"]
    if json:
        say(as_json(found))
    elif found:
        _list(found)
    else:
        note("No licence is held.")


@license.command()
def show(plugin_id: PluginId, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Show the licence for a plugin.

    \b
    Examples:
      rising-bsm license show acme.hello
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        found = instance.get(f"/api/licenses/{_checked(plugin_id)}", has=LICENSE)
    _tell(found, json=json)


@license.command()
def activate(
    plugin_id: PluginId,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="The licence key; without, the one that is held already.")
    ] = None,
    move: Annotated[bool, typer.Option("--move", help="Take it from another instance if all seats are taken.")] = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Bind the licence of a key to the instance.

    \b
    Examples:
      rising-bsm license activate acme.hello RBSM-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX
      rising-bsm license activate acme.hello --move
    """
    draft = ({"key": key} if key is not None else {}) | ({"move": True} if move else {})
    _tell(_post(f"{_checked(plugin_id)}/activate", draft, url, token), json=json)


@license.command()
def trial(plugin_id: PluginId, url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Begin the trial of a plugin.

    \b
    Examples:
      rising-bsm license trial acme.hello
    """
    _tell(_post(f"{_checked(plugin_id)}/trial", None, url, token), json=json)


@license.command()
def release(plugin_id: PluginId, url: Url = LOCAL_URL, token: Token = None) -> None:
    """Give the seat back, so that the licence can be used elsewhere; the plugin stops here.

    \b
    Examples:
      rising-bsm license release acme.hello
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        instance.delete(f"/api/licenses/{_checked(plugin_id)}")
    ticked(f"The licence for {visible(plugin_id)} is free to be used elsewhere.")


@license.command()
def renew(url: Url = LOCAL_URL, token: Token = None, json: Json = False) -> None:
    """Ask the marketplace for fresh licence files now; it is done every hour anyway.

    \b
    Examples:
      rising-bsm license renew
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        found = instance.post("/api/licenses/renew", has=["items"])["items"]
    say(as_json(found)) if json else _list(found)


def _post(path: str, draft: Any, url: str, token: str | None) -> Any:
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        return instance.post(f"/api/licenses/{path}", draft, has=LICENSE)


def _list(found: list[dict[str, Any]]) -> None:
    for line in columns([str(one[name]) for name in LICENSE] for one in found) if found else ():
        say(line)


def _tell(found: dict[str, Any], *, json: bool) -> None:
    if json:
        say(as_json(found))
        return
    say(f"{visible(str(found['plugin']))}: {visible(str(found['state']))}", bold=True)
    for sentence in (found["sentence"], *found.get("warnings", ())):
        say(f"  {visible(str(sentence))}")


def _checked(plugin_id: str) -> str:
    return ".".join(parse_id(plugin_id))
