"""`rising-bsm login`: sign in to an instance once, and keep a token for the commands that speak to it."""

import os
import platform
from typing import Annotated

import typer

from rising_bsm.cli.options import LOCAL_URL, Url
from rising_bsm.cli.terminal import ask, ask_hidden, note, ticked

OF_COMMANDS = frozenset({"plugins.manage", "marketplace.publish", "marketplace.manage"})
"""What only people may do and commands of this program do for them."""


def login(
    url: Url = LOCAL_URL,
    email: Annotated[str | None, typer.Option("--email", help="Who signs in (default: asked).")] = None,
) -> None:
    """Sign in to an instance and keep a token.

    The token may manage plugins and grant them what you may do yourself, and publish and review on the marketplace as
    far as you may. It is kept where nobody else can read it.
    The password is asked, or taken from RISING_BSM_PASSWORD.

    \b
    Examples:
      rising-bsm login
      rising-bsm login --url https://bsm.example.com --email you@example.com
    """
    from rising_bsm.accounts.permissions import PEOPLE_ONLY
    from rising_bsm.cli.client import Instance, is_private
    from rising_bsm.cli.keyring import keyring

    if not is_private(url):
        note(f"{url} is not encrypted: whoever sits between can read the password.")
    who = email or ask("E-mail", default="", option="--email")
    password = os.environ.get("RISING_BSM_PASSWORD") or ask_hidden("Password", option="RISING_BSM_PASSWORD")
    with Instance(url) as instance:
        session = instance.post("/api/session", {"email": who, "password": password}, has=["csrf_token", "permissions"])
        proof = {"X-CSRF-Token": session["csrf_token"]}
        # Nobody can grant a plugin what they may not do themselves; people and tokens are no plugin's business.
        mine = {*session["permissions"]}
        scopes = sorted(mine - PEOPLE_ONLY | mine & OF_COMMANDS)
        draft = {"name": f"rising-bsm on {platform.node() or 'a terminal'}", "scopes": scopes}
        token = instance.post("/api/tokens", draft, has=["token"], headers=proof)["token"]
        instance.delete("/api/session", headers=proof)
        keyring().keep_token(instance.url, token)
        ticked(f"You are signed in to {instance.url}.")
