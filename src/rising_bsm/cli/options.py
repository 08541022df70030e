"""Options that several commands have, said once."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
Url = Annotated[str, typer.Option("--url", envvar="RISING_BSM_URL", help="The address of the instance.")]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="RISING_BSM_TOKEN", help="A token of the instance (default: the one of `login`)."),
]
ProjectFolder = Annotated[Path, typer.Argument(metavar="PATH", help="The folder with the plugin's pyproject.toml.")]
BundleFile = Annotated[Path, typer.Argument(metavar="BUNDLE", help="A file that `rising-bsm build` made.")]

LOCAL_URL = "http://127.0.0.1:8000"
HERE = Path()
