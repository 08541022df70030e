"""The pages of plugins that are installed: all of them, bringing new ones, and everything about one."""

from litestar import Router

from rising_bsm.web.pages.plugins import (
    deliveries,
    executions,
    installing,
    keys,
    license,
    listing,
    log,
    overview,
    permissions,
    problems,
    resources,
    settings,
    storage,
    versions,
)

router = Router(
    "/plugins",
    route_handlers=[
        *listing.HANDLERS,
        *installing.HANDLERS,
        *keys.HANDLERS,
        *overview.HANDLERS,
        *executions.HANDLERS,
        *log.HANDLERS,
        *resources.HANDLERS,
        *storage.HANDLERS,
        *settings.HANDLERS,
        *permissions.HANDLERS,
        *problems.HANDLERS,
        *deliveries.HANDLERS,
        *versions.HANDLERS,
        *license.HANDLERS,
    ],
    include_in_schema=False,
)
