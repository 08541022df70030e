"""`rising-bsm serve`: run the application."""

import os
from pathlib import Path
from typing import Annotated

import typer

Host = Annotated[
    str | None, typer.Option("--host", help="The address to listen on (default: RISING_BSM_HOST, or 127.0.0.1).")
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65_535, help="The port, 0 for any free one (default: RISING_BSM_PORT, or 8000)."),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Where everything is kept (default: RISING_BSM_DATA, or the user's)."),
]
Demo = Annotated[bool, typer.Option("--demo", help="Start with demo customers.")]
SafeMode = Annotated[
    bool, typer.Option("--safe-mode", help="Run no plugin; what is installed stays as it is (RISING_BSM_SAFE_MODE).")
]
Install = Annotated[
    list[Path] | None,
    typer.Option("--install", metavar="BUNDLE", help="A signed bundle that a new instance begins with."),
]
Trust = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="PUBLISHER=KEY", help="A public key, or its file, that a new instance trusts."),
]


def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    demo: Demo = False,
    safe_mode: SafeMode = False,
    install: Install = None,
    trust: Trust = None,
) -> None:
    """Run the application until it is interrupted.

    Prints its address, and at the first start the first administrator: RISING_BSM_ADMIN_EMAIL with
    RISING_BSM_ADMIN_PASSWORD, or made up.

    \b
    Examples:
      rising-bsm serve
      rising-bsm serve --demo --data .data --port 8080
      rising-bsm serve --safe-mode
      rising-bsm serve --trust acme=acme.pub --install acme.hello-0.1.0.rbsm
    """
    from rising_bsm.web.serve import serve as run
    from rising_bsm.web.settings import Settings

    first = {"install": tuple(install or ()), "trust": tuple(_publisher_and_key(text) for text in trust or ())}
    chosen = {"host": host, "port": port, "data_dir": data, "demo": demo or None, "safe_mode": safe_mode or None}
    run(Settings.from_environment(os.environ, **chosen, **first))


def _publisher_and_key(text: str) -> tuple[str, str]:
    publisher, equals, key = text.partition("=")
    if not (publisher and equals and key):
        raise typer.BadParameter(f"{text!r} is not PUBLISHER=KEY", param_hint="--trust")
    file = Path(key)
    return publisher, file.read_text().strip() if file.is_file() else key
