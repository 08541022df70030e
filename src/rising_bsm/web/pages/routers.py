"""Every page there is."""

from rising_bsm.web import assets
from rising_bsm.web.pages import (
    customers,
    dashboard,
    notifications,
    plugin_frames,
    signing_in,
)

ROUTERS = (
    assets.router,
    signing_in.router,
    plugin_frames.router,
    customers.router,
    dashboard.router,
    notifications.router,
)
"""The routers of all pages, and of the files that they load."""
