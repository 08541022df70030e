"""Where the pages of whoever runs the marketplace are."""

from litestar import Router

from rising_bsm.web.pages.operating import (
    home,
    index,
    licences,
    plugins,
    publishers,
    reviews,
    selling,
    submission,
    submissions,
)
from rising_bsm.web.pages.operating.guards import operator, seller

_OPERATORS = (
    *home.HANDLERS,
    *submissions.HANDLERS,
    *submission.HANDLERS,
    *plugins.HANDLERS,
    *publishers.HANDLERS,
    *reviews.HANDLERS,
    *index.HANDLERS,
)

router = Router(
    "/operating",
    route_handlers=[
        Router("/", route_handlers=list(_OPERATORS), guards=[operator]),
        Router("/licenses", route_handlers=[*licences.HANDLERS, *selling.HANDLERS], guards=[seller]),
    ],
    include_in_schema=False,
)
