"""docs/reference/marketplace.md: the routes of the marketplace, and what they say of themselves."""

import tempfile

from tools.docs.markdown import table

from rising_bsm.bundle.manifest import RouteExport
from rising_bsm.db import Database
from rising_bsm.marketplace import MARKETPLACE
from rising_bsm.marketplace.market import Market
from rising_bsm.runtime import Cipher
from rising_bsm.runtime.system import SystemPlugin
from rising_bsm.sandbox import Pool

HEAD = f"""\
# The marketplace over HTTP

Below `/api/ext/{MARKETPLACE}` of an instance that has a marketplace of its own. Bodies, refusals and tokens are
those of [the HTTP interface](http.md). What instances ask (`/instance/...`) is signed with their own key, and needs no
signing in. An instance that uses the marketplace of another answers 404 here and names its address.
"""


def page() -> str:
    """The page, in Markdown."""
    plugin = marketplace()
    rows = [_row(plugin, export) for export in sorted(plugin.manifest.exports.routes, key=lambda one: one.path)]
    return f"{HEAD}\n{table(('request', 'for', 'what it does'), rows)}"


def marketplace() -> SystemPlugin:
    """The marketplace, put together with nothing behind it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/unused.sqlite3")
        return Market(database, cipher=Cipher.of_the_moment(), blobs=folder, pool=Pool(0)).plugin


def _row(plugin: SystemPlugin, export: RouteExport) -> tuple[str, ...]:
    who = "everybody" if export.public else f"`{export.permission}`" if export.permission else "signed in"
    return f"`{export.method} {export.path}`", who, plugin.doc_of(export)
