"""The marketplace, for those who manage plugins: looking around, installing, updating."""

from litestar import Router

from rising_bsm.web.pages.marketplace import browsing, detail, installs, pictures, publishers, reviews, updates, wizard

router = Router(
    "/marketplace",
    route_handlers=[
        *browsing.HANDLERS,
        *publishers.HANDLERS,
        *pictures.HANDLERS,
        *installs.HANDLERS,
        *updates.HANDLERS,
        *detail.HANDLERS,
        *reviews.HANDLERS,
        *wizard.HANDLERS,
    ],
    include_in_schema=False,
)
