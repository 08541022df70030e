"""Every page there is."""

from rising_bsm.web import assets
from rising_bsm.web.pages import (
    dashboard,
    signing_in,
)

ROUTERS = (
    assets.router,
    signing_in.router,
    dashboard.router,
)
"""The routers of all pages, and of the files that they load."""
