"""Every page there is."""

from rising_bsm.web import assets
from rising_bsm.web.pages import (
    activity,
    appointments,
    customers,
    dashboard,
    licenses,
    marketplace,
    me,
    notifications,
    people,
    plugin_frames,
    plugin_ui,
    plugins,
    requests,
    signing_in,
)
from rising_bsm.web.pages.operating.routes import router as operating
from rising_bsm.web.pages.publishing.routes import router as publishing

ROUTERS = (
    assets.router,
    signing_in.router,
    plugin_frames.router,
    plugin_ui.router,
    plugins.router,
    licenses.router,
    customers.router,
    activity.router,
    appointments.router,
    dashboard.router,
    marketplace.router,
    notifications.router,
    requests.router,
    people.router,
    me.router,
    operating,
    publishing,
)
"""The routers of all pages, and of the files that they load."""
