"""`rising-bsm call`: run one handler of a plugin in the real sandbox, without an instance."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rising_bsm.cli.options import Json
from rising_bsm.cli.terminal import as_json, plural, progress, say, visible
from rising_bsm.errors import Error

if TYPE_CHECKING:
    from rising_bsm.analysis.simulator import HostCall, Simulator

Plugin = Annotated[Path, typer.Argument(metavar="PATH_OR_BUNDLE", help="A plugin's folder, or a bundle.")]
TargetText = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help='"GET /path?name=value", "before customers.create", "after customers.create", "schedule METHOD", '
        '"component METHOD", "action METHOD" or "on_activate".',
    ),
]
Payload = Annotated[
    str | None,
    typer.Option(
        "--payload",
        metavar="JSON",
        help="The body, the customer as it is to become, what a plugin's event says, props of a component or values of "
        "an action; @FILE reads it, @- from stdin.",
    ),
]
Seed = Annotated[str | None, typer.Option("--seed", metavar="HEX", help="All chance comes from this (default: new).")]
Now = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="The time, such as 2030-01-31T12:00:00Z (default: now).")
]
AllowNetwork = Annotated[
    bool, typer.Option("--allow-network", help="Let it ask the network, where its manifest says (default: refused).")
]


def call(
    plugin: Plugin,
    target: TargetText,
    payload: Payload = None,
    json: Json = False,
    seed: Seed = None,
    now: Now = None,
    allow_network: AllowNetwork = False,
) -> None:
    """Call a route, a hook, a component, or a handler of an event or schedule of a plugin in the sandbox.

    It runs on demo data in a database of the moment, and everything is granted that the plugin asks for. For a hook on
    customers that exist, "id" in the payload chooses one; without, it is the first by name. An event of the host
    happens because the payload, or something made up, is written; one of a plugin says what the payload says. What a
    component shows is checked as an instance checks it, and printed as JSON.

    \b
    Examples:
      rising-bsm call . "GET /hello?name=Ada"
      rising-bsm call . "before customers.create" --payload '{"name": "Ada", "email": "ada@example.com"}'
      rising-bsm call . "after customers.update" --payload '{"phone": "+49 30 1234"}'
      rising-bsm call . "after acme.loyalty:level_reached" --payload '{"level": 2}'
      rising-bsm call . "component widget" --payload '{"query": {"page": "2"}}'
      rising-bsm call . "schedule digest" --now 2030-01-31T07:00:00Z
      rising-bsm call acme.hello-0.1.0.rbsm "POST /points" --payload @points.json --json
      rising-bsm call . "GET /hello" --seed 00ff --now 2030-01-31T12:00:00Z
    """
    import asyncio

    from rising_bsm.cli.target import parse_now, parse_payload, parse_seed, parse_target

    wanted, body = parse_target(target), parse_payload(payload)
    simulator, result = asyncio.run(
        _run(plugin, wanted, body, parse_seed(seed), parse_now(now), allow_network=allow_network)
    )
    if json:
        say(as_json(_report(simulator, result)))
    else:
        _show(simulator, result)
    if isinstance(result, Error):
        if json:
            raise typer.Exit(1)
        raise result


async def _run(
    path: Path, target: Any, body: Any, seed: bytes | None, now: datetime, *, allow_network: bool
) -> "tuple[Simulator, dict[str, Any] | Error | None]":
    from rising_bsm.analysis.loaded import compile_code, load
    from rising_bsm.analysis.simulator import open_simulator
    from rising_bsm.cli.author import read_path, sandbox
    from rising_bsm.runtime import Egress

    draft, files = read_path(path)
    egress = Egress() if allow_network else None
    async with sandbox() as pool:
        with progress("Running the plugin in the sandbox"):
            loaded = await load(pool, draft, files, await compile_code(pool, draft, files))
            async with open_simulator(pool, loaded, now=now, seed=seed, egress=egress) as simulator:
                try:
                    return simulator, await simulator.call(target, body)
                except Error as error:  # what was logged until then is worth showing
                    return simulator, error


def _report(simulator: "Simulator", result: Any) -> dict[str, Any]:
    outcome = {"error": result.as_dict()} if isinstance(result, Error) else {"result": result}
    lines = [
        {"level": line.level, "source": line.source, "message": line.message, "details": line.details}
        for line in simulator.log.lines
    ]
    return outcome | {
        "log": lines,
        "host_calls": [asked.as_dict() for asked in simulator.host_calls],
        "fuel": simulator.fuel,
        "ms": round(simulator.seconds * 1000, 3),
    }


def _show(simulator: "Simulator", result: Any) -> None:
    if not isinstance(result, Error):
        say(as_json(result))
        say()
    for line in simulator.log.lines:
        details = "  ".join(f"{key}={value}" for key, value in line.details.items())
        say(visible(f"{line.source}  {line.level}  {line.message}  {details}".rstrip()))
    if isinstance(result, Error) and not simulator.host_calls and not simulator.fuel:
        return
    refused = Counter(
        _named(asked) + (f" ({asked.refused})" if asked.refused else "") for asked in simulator.host_calls
    )
    asked = [name if times == 1 else f"{name} ×{times}" for name, times in refused.items()]
    say(f"{plural(len(simulator.host_calls), 'host call')}{': ' if asked else ''}{visible(', '.join(asked))}")
    say(f"{simulator.fuel:,} fuel, {simulator.seconds * 1000:.1f} ms")


def _named(asked: "HostCall") -> str:
    if asked.name == "http.fetch" and isinstance(asked.arguments, dict):
        return f"http.fetch {asked.arguments.get('method')} {asked.arguments.get('url')}"
    return asked.name
