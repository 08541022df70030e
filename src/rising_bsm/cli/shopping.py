"""Commands for what an instance has from its marketplace: searching, updates, pins."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

import typer

from rising_bsm.cli.options import LOCAL_URL, Json, Token, Url
from rising_bsm.cli.terminal import as_json, columns, note, say, steps, ticked, visible

if TYPE_CHECKING:
    from rising_bsm.cli.client import Instance
    from rising_bsm.errors import Error

PluginId = Annotated[str, typer.Argument(metavar="PUBLISHER.NAME", help="The plugin's id, such as acme.hello.")]
Channel = Annotated[
    Literal["stable", "beta"] | None, typer.Option("--channel", help="Follow this channel from now on.")
]


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for; nothing for everything.")] = "",
    category: Annotated[str | None, typer.Option("--category", help="Only those of this category.")] = None,
    free: Annotated[bool, typer.Option("--free", help="Only those that cost nothing.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many.")] = 20,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """Search the marketplace of an instance.

    \b
    Examples:
      rising-bsm search loyalty
      rising-bsm search --category sales --free
    """
    from rising_bsm.cli.instance import open_instance

    asked = {"q": text, "category": category, "pricing": "free" if free else None, "limit": str(limit)}
    query = urlencode({name: value for name, value in asked.items() if value})
    with open_instance(url, token) as instance:
        found = instance.get(f"/api/market/plugins?{query}", has=["items"])["items"]
    if json:
        say(as_json(found))
    elif found:
        _list(found)
    else:
        note("Nothing is found.")


def updates(
    check: Annotated[bool, typer.Option("--check", help="Ask the marketplace anew.")] = False,
    url: Url = LOCAL_URL,
    token: Token = None,
    json: Json = False,
) -> None:
    """List the updates that there are, what they ask for in addition, and what becomes of them.

    \b
    Examples:
      rising-bsm updates
      rising-bsm updates --check
    """
    from rising_bsm.cli.instance import open_instance

    with open_instance(url, token) as instance:
        if check:
            found = instance.post("/api/market/updates/check", has=["items"])["items"]
        else:
            found = instance.get("/api/market/updates", has=["items"])["items"]
    if json:
        say(as_json(found))
        return
    for one in found:
        _show_update(one)
    if not found:
        note("There are no updates.")


def pin(
    plugin_id: PluginId, channel: Channel = None, url: Url = LOCAL_URL, token: Token = None, json: Json = False
) -> None:
    """Let a plugin stay at the version that is installed, whatever the marketplace has.

    \b
    Examples:
      rising-bsm pin acme.hello
    """
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin_id)
    with open_instance(url, token) as instance:
        version = instance.get(f"/api/plugins/{plugin_id}", has=["version"])["version"]
        _pin(instance, plugin_id, version, channel, json=json)


def unpin(
    plugin_id: PluginId, channel: Channel = None, url: Url = LOCAL_URL, token: Token = None, json: Json = False
) -> None:
    """Let a plugin follow the marketplace again.

    \b
    Examples:
      rising-bsm unpin acme.hello
      rising-bsm unpin acme.hello --channel beta
    """
    from rising_bsm.cli.ids import parse_id
    from rising_bsm.cli.instance import open_instance

    parse_id(plugin_id)
    with open_instance(url, token) as instance:
        _pin(instance, plugin_id, None, channel, json=json)


def describe(found: Mapping[str, Any]) -> None:
    """A plugin of the marketplace, before it is installed: what it is, and what it asks for."""
    by = found.get("publisher") or {}
    verified = "verified" if isinstance(by, Mapping) and by.get("verified") else "not verified"
    name, what = (visible(str(found.get(key))) for key in ("display_name", "description"))
    note(f"{name} ({visible(str(found.get('id')))}), publisher {verified}: {what}")
    _asks("It asks to be allowed to:", found.get("permissions") or [])
    _asks("It does more if it is allowed to (--grant):", found.get("optional_permissions") or [])
    if places := found.get("network"):
        note("It asks to reach on the network:")
        for place in places:
            note(f"  {visible(', '.join(place['methods']))} {visible(place['url'])}")
            note(f"    because: {visible(place['reason'])}")
    if found.get("pricing") == "paid":
        days = found.get("trial_days")
        note(f"It costs something{f'; it can be tried for {days} days (--trial)' if days else ''}.")


def follow(instance: "Instance", begun: Mapping[str, Any]) -> Mapping[str, Any]:
    """What becomes of an installation, shown step by step; raises the error that ends it."""
    path = f"/api/market/installs/{begun['id']}"
    with steps() as show:
        for event in instance.events(f"{path}/events"):
            show(event["sentence"], event.get("done"), event.get("total"))
    ended: Mapping[str, Any] = instance.get(path, has=["state", "problem", "version", "plugin_id"])
    if ended["state"] != "done":
        raise _problem_of(ended)
    return ended


def _problem_of(ended: Mapping[str, Any]) -> "Error":
    """Why an installation has not come to its end."""
    from rising_bsm.errors import Error, InvalidInput

    problem = ended["problem"] or {"message": "It was interrupted, and goes on with the next start of the instance."}
    known = {name: problem.get(name) for name in ("code", "place", "next_step")}
    if problem.get("fields"):
        return InvalidInput(problem["message"], fields=problem["fields"], **known)
    return Error(problem["message"], **known)


def _pin(instance: "Instance", plugin_id: str, version: str | None, channel: str | None, *, json: bool) -> None:
    wanted = {"version": version} | ({"channel": channel} if channel else {})
    pinned = instance.post(f"/api/market/updates/{plugin_id}/pin", wanted, has=["version", "channel"])
    if json:
        say(as_json(pinned))
    elif pinned["version"]:
        ticked(f"{plugin_id} stays at {visible(pinned['version'])}")
    else:
        ticked(f"{plugin_id} follows the channel {visible(pinned['channel'])}")


def _list(found: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (
            str(one.get("id")),
            str(one.get("latest_version") or "-"),
            str(one.get("pricing")),
            f"installed: {one['installed']}" if one.get("installed") else "",
            str(one.get("description")),
        )
        for one in found
    ]
    for line in columns(rows):
        say(line)


def _show_update(one: Mapping[str, Any]) -> None:
    security = ", security fix" if one["security"] else ""
    due = f" until {one['due_at']}" if one["state"] == "cooling" and one["due_at"] else ""
    say(visible(f"{one['plugin_id']}  {one['from_version']} → {one['to_version']}  {one['state']}{due}{security}"))
    more = [*one["difference"]["permissions"]["new"], *one["difference"]["network"]["new"]]
    if more:
        note(f"  asks in addition for {visible(', '.join(more))}")
    key = one["difference"].get("key") or {}
    for code in key.get("new", []):
        note(f"  is signed for {visible(str(key['publisher']))} with another key, {visible(code.removeprefix('key:'))}")
        note(f"    the installed version is signed with {visible(str(key['installed']))}")
        note(f"    if they say that it is theirs: rising-bsm update {one['plugin_id']} --accept {visible(code)}")
    if one["problem"]:
        note(f"  {visible(one['problem'].get('message', ''))}")


def _asks(head: str, requests: Sequence[Mapping[str, Any]]) -> None:
    from rising_bsm.accounts.permissions import PERMISSIONS

    if requests:
        note(head)
    for request in requests:
        code = str(request["code"])
        note(f"  {PERMISSIONS.get(code, visible(code))} ({visible(code)})")
        note(f"    because: {visible(str(request['reason']))}")
