"""What visitors of the business's website may do, who are nobody we know."""

from typing import Annotated, Any

from litestar import Router, post

from rising_bsm.business.requests import Submission
from rising_bsm.web.gate import NO_CSRF, PUBLIC, client_of
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.submissions import Submissions

_BYTES = 64 * 1024


# Whoever sends it and with which cookies is of no effect: it is a visitor's in any case.
@post("/requests", opt={PUBLIC: True, NO_CSRF: True}, request_max_body_size=_BYTES)
async def submit_request(
    data: Annotated[Any, described(Submission)], request: StrictRequest, submissions: Submissions
) -> dict[str, bool]:
    """Sends a service request; says no more than that it arrived. At most 5 a minute per address, and 60 in all."""
    await submissions(data, client_of(request))
    return {"received": True}


router = Router("/public", route_handlers=[submit_request], tags=["Visitors"])
