"""The answer to a request that ended in an exception: JSON for programs, a page for people, a message for scripts."""

from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, Response
from litestar.response import Redirect

from rising_bsm.web.errors import Problem, problem_of
from rising_bsm.web.i18n import speaking
from rising_bsm.web.pages.page import page
from rising_bsm.web.preferences import Preferences
from rising_bsm.web.requests import StrictRequest

_VARY = {"Vary": "Accept, HX-Request"}


def to_response(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """The answer, in the way in which it was asked for."""
    problem = problem_of(request, exception)
    if request.headers.get("hx-request") == "true":
        return _message(request, problem)
    if "text/html" in request.headers.get("accept", ""):
        return _page(request, problem)
    return Response(
        problem.error, status_code=problem.status, headers=problem.headers | _VARY, media_type=MediaType.JSON
    )


def _message(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    if problem.status == 401:
        return Response("", headers={"HX-Redirect": _sign_in("/")} | _VARY)
    # Whatever part of a page was asked for: it is the message that is shown, and the address stays what it was.
    shown = {"HX-Retarget": "#messages", "HX-Reswap": "beforeend", "HX-Reselect": ".alert", "HX-Push-Url": "false"}
    return _rendered(request, "parts/problem.html", problem, shown)


def _page(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    if problem.status == 401 and request.method == "GET" and not request.url.path.startswith("/api/"):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(_sign_in(asked), status_code=303, headers=_VARY)
    return _rendered(request, "error.html", problem, {})


def _rendered(
    request: Request[Any, Any, Any], template: str, problem: Problem, headers: dict[str, str]
) -> Response[Any]:
    with speaking(Preferences.of(request)):
        found = page(StrictRequest(request.scope), template, problem=problem.error, status=problem.status)
    found.status_code = problem.status
    found.headers = {**problem.headers, **headers, **_VARY}
    return found


def _sign_in(onward: str) -> str:
    return "/sign-in" if onward == "/" else f"/sign-in?next={quote(onward)}"
