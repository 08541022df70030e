"""Every page there is."""

from rising_bsm.web import assets
from rising_bsm.web.pages import (
    appointments,
    customers,
    dashboard,
    notifications,
    plugin_frames,
    plugin_ui,
    signing_in,
)

ROUTERS = (
    assets.router,
    signing_in.router,
    plugin_frames.router,
    plugin_ui.router,
    customers.router,
    appointments.router,
    dashboard.router,
    notifications.router,
)
"""The routers of all pages, and of the files that they load."""
