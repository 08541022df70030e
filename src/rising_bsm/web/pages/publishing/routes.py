"""Where the pages of publishers are."""

from litestar import Router

from rising_bsm.web.pages.operating.guards import publisher
from rising_bsm.web.pages.publishing import home, plugins, publishers, submissions, upload

router = Router(
    "/publishing",
    route_handlers=[
        *home.HANDLERS,
        *publishers.HANDLERS,
        *upload.HANDLERS,
        *submissions.HANDLERS,
        *plugins.HANDLERS,
    ],
    guards=[publisher],
    include_in_schema=False,
)
