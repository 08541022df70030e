"""The commands, in the order people meet them."""

from collections import defaultdict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rising_bsm import __version__
from rising_bsm.cli.build import build
from rising_bsm.cli.call import call
from rising_bsm.cli.create import create
from rising_bsm.cli.doctor import doctor
from rising_bsm.cli.host_api import host_api
from rising_bsm.cli.index import index
from rising_bsm.cli.keys import keys
from rising_bsm.cli.license import license
from rising_bsm.cli.login import login
from rising_bsm.cli.plugins import activate, deactivate, install, list_plugins, rollback, uninstall, update
from rising_bsm.cli.publish import deprecate, publish, release, revoke, suspend, versions
from rising_bsm.cli.publishers import publishers
from rising_bsm.cli.review import submissions
from rising_bsm.cli.serve import serve
from rising_bsm.cli.shopping import pin, search, unpin, updates
from rising_bsm.cli.sign import sign
from rising_bsm.cli.validate import validate
from rising_bsm.cli.verify import verify

AUTHOR = "For authors of plugins"
ADMIN = "For administrators of an instance"
MARKET = "For publishers and operators of a marketplace"


class Grouped(TyperGroup):
    """Commands listed by who they are for. Rich would do it too, and takes a tenth of a second to be imported."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes one section per panel, in the order of the commands."""
        panels: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        width = formatter.width - 6 - max(map(len, self.commands))
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None)
            panels[str(panel or "Commands")].append((name, command.get_short_help_str(width)))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


app = typer.Typer(
    cls=Grouped,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rising-bsm {__version__}")
        raise typer.Exit


@app.callback()
def everywhere(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="RISING_BSM_DEBUG", help="Show a traceback with an error.")
    ] = False,
) -> None:
    """Write, check, run, sign and install plugins of Rising-BSM, and run the application itself."""


app.command(rich_help_panel=AUTHOR)(create)
app.command(rich_help_panel=AUTHOR)(validate)
app.command(rich_help_panel=AUTHOR)(build)
app.command(rich_help_panel=AUTHOR)(call)
app.command("host-api", rich_help_panel=AUTHOR)(host_api)
app.add_typer(keys, name="keys", rich_help_panel=AUTHOR)
app.command(rich_help_panel=AUTHOR)(sign)
app.command(rich_help_panel=AUTHOR)(verify)
app.command(rich_help_panel=ADMIN)(serve)
app.command(rich_help_panel=ADMIN)(doctor)
app.command(rich_help_panel=ADMIN)(login)
app.command(rich_help_panel=ADMIN)(search)
app.command(rich_help_panel=ADMIN)(install)
app.command("list", rich_help_panel=ADMIN)(list_plugins)
app.command(rich_help_panel=ADMIN)(activate)
app.command(rich_help_panel=ADMIN)(deactivate)
app.command(rich_help_panel=ADMIN)(update)
app.command(rich_help_panel=ADMIN)(updates)
app.command(rich_help_panel=ADMIN)(pin)
app.command(rich_help_panel=ADMIN)(unpin)
app.command(rich_help_panel=ADMIN)(rollback)
app.command(rich_help_panel=ADMIN)(uninstall)
app.add_typer(license, name="license", rich_help_panel=ADMIN)
app.command(rich_help_panel=MARKET)(publish)
app.add_typer(submissions, name="submissions", rich_help_panel=MARKET)
app.add_typer(versions, name="versions", rich_help_panel=MARKET)
app.command(rich_help_panel=MARKET)(release)
app.command(rich_help_panel=MARKET)(deprecate)
app.command(rich_help_panel=MARKET)(suspend)
app.command(rich_help_panel=MARKET)(revoke)
app.add_typer(publishers, name="publishers", rich_help_panel=MARKET)
app.add_typer(index, name="index", rich_help_panel=MARKET)
