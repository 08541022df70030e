"""`rising-bsm license simulate`: what will happen when. It asks nobody and changes nothing."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from rising_bsm.cli.options import Json
from rising_bsm.cli.terminal import as_json, columns, say
from rising_bsm.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from rising_bsm.licensing import Licence

_UNITS = {"h": 1, "d": 24, "w": 168}
_MOST_HOURS = 24 * 36_500
_SPAN = re.compile(r"([+-]?)(\d{1,6})([hdw])")
_DAYS = {"trial": 14}


def simulate(
    offline: Annotated[
        str, typer.Option("--offline", metavar="SPAN", help="The marketplace is not reached for so long: 9d, 12h, 2w.")
    ] = "0d",
    clock: Annotated[
        str, typer.Option("--clock", metavar="SPAN", help="The clock is set forward (+400d) or back (-3d).")
    ] = "0d",
    move_host: Annotated[
        bool, typer.Option("--move-host", help="The instance moves to another host, with its database.")
    ] = False,
    type: Annotated[str, typer.Option("--type", metavar="TYPE", help="trial, basic, premium or enterprise.")] = "basic",
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="SPAN", help="When the licence ends: 14d for a trial, else 365d.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="When it is activated, such as 2028-02-28 (now).")
    ] = None,
    json: Json = False,
) -> None:
    """Show what will happen to a licence, and when: with the network, the clock, the host.

    \b
    Examples:
      rising-bsm license simulate --offline 9d
      rising-bsm license simulate --offline 9d --clock +400d --move-host
      rising-bsm license simulate --type trial --json
    """
    from rising_bsm.licensing.drill import Trouble, drill

    licence = _licence(type, expires, _moment(start))
    moments = drill(licence, Trouble(_span(offline, "--offline"), _span(clock, "--clock", signed=True), move_host))
    if json:
        say(as_json([moment.as_dict() for moment in moments]))
        return
    for moment in moments:
        # The table first, for the eye; under each line what it means.
        [line] = columns([(f"{moment.at:%Y-%m-%d %H:%M}", moment.standing.state.value.ljust(10), moment.event)])
        say(line)
        say(f"{'':18}{moment.standing.sentence}")
    say()
    say("Whatever happens to a licence: the host's own data and pages are never touched.")


def _licence(kind: str, expires: str | None, start: "datetime") -> "Licence":
    from uuid import UUID

    from rising_bsm.licensing import LEASE, Licence, LicenceType

    if kind not in list(LicenceType):
        raise _refused("--type", f"must be {', '.join(LicenceType)}")
    ends = start + _span(expires or f"{_DAYS.get(kind, 365)}d", "--expires")
    about = {"id": UUID(int=0), "plugin": "acme.plugin", "instance": "simulated", "nonce": "simulated-licence"}
    times = {"issued_at": start, "valid_until": start + LEASE, "expires_at": ends, "seq": 1}
    return Licence.model_validate({"type": LicenceType(kind)} | about | times)


def _moment(text: str | None) -> "datetime":
    from datetime import UTC, datetime

    if text is None:
        return datetime.now(UTC).replace(second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refused("--start", "must be a date such as 2028-02-28") from None
    if not 2000 < moment.year < 2800:
        raise _refused("--start", "must be of our times")
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _span(text: str, option: str, *, signed: bool = False) -> "timedelta":
    from datetime import timedelta

    found = _SPAN.fullmatch(text)
    if found is None or (found[1] and not signed):
        raise _refused(option, "must be so many hours, days or weeks: 12h, 9d, 2w" + (", -3d" if signed else ""))
    hours = int(found[2]) * _UNITS[found[3]]
    if hours > _MOST_HOURS:
        raise _refused(option, "must be a hundred years or less")
    return timedelta(hours=-hours if found[1] == "-" else hours)


def _refused(option: str, must: str) -> InvalidInput:
    return InvalidInput(f"{option} {must}.", code="cli.bad_option", place=option)
