"""The start page of those who are signed in."""

from litestar import Response, Router, get

from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest


@get("/")
async def dashboard(request: StrictRequest) -> Response[str]:
    """How the business is doing."""
    return page(request, "dashboard/dashboard.html")


router = Router("/", route_handlers=[dashboard], include_in_schema=False)
