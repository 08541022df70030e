"""The start page of those who are signed in."""

from typing import Any

from litestar import Response, Router, get

from rising_bsm.accounts import Actor
from rising_bsm.web.pages.navigation import begins_at
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest


@get("/")
async def dashboard(request: StrictRequest, actor: Actor) -> Response[Any]:
    """How the business is doing; who sees nothing of it is led to what is theirs."""
    if (elsewhere := begins_at(actor)) != "/":
        return redirect(elsewhere)
    return page(request, "dashboard/dashboard.html")


router = Router("/", route_handlers=[dashboard], include_in_schema=False)
