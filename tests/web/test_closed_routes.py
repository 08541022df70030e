"""Generated from the route table: what is not on the list of public routes answers nobody we do not know."""

import pytest
from litestar.routes import HTTPRoute

from support.web import Instance

pytestmark = pytest.mark.anyio

PUBLIC = {
    ("GET", "/assets/{name:str}"),
    ("GET", "/health"),
    ("GET", "/plugin-ui/{plugin_id:str}/{digest:str}/{key:str}/{path:path}"),  # the key is given to whom may see it
    ("GET", "/sign-in"),
    ("POST", "/preferences"),
    ("GET", "/api/openapi.json"),
    ("OPTIONS", "/api/openapi.json"),
    ("POST", "/api/public/requests"),
    ("POST", "/api/session"),
    ("POST", "/sign-in"),
}
_ID = "01a20397-5b04-76bc-b935-b462804b7f4f"


def _routes(instance: Instance) -> set[tuple[str, str]]:
    assert all(isinstance(route, HTTPRoute) for route in instance.app.routes)
    return {(method, route.path) for route in instance.app.routes for method in route.methods}


def _address(path: str) -> str:
    return "/".join(_ID if part.startswith("{") else part for part in path.split("/"))


async def test_the_public_routes_are_these(instance: Instance) -> None:
    async with instance.visitor() as stranger:
        answers = {
            (method, path): (await stranger.request(method, _address(path))).status_code
            for method, path in _routes(instance)
        }
    assert {route for route, status in answers.items() if status != 401} == PUBLIC
    assert len(answers) > len(PUBLIC) + 10


async def test_a_browser_that_nobody_has_signed_in_with_is_led_to_the_form(instance: Instance) -> None:
    pages = {path for method, path in _routes(instance) - PUBLIC if method == "GET" and not path.startswith("/api")}
    async with instance.visitor(Accept="text/html") as stranger:
        for path in pages:
            answer = await stranger.get(_address(path))
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path
    assert len(pages) > 10


@pytest.mark.parametrize("guess", ["token", "cookie"])
async def test_a_cookie_or_token_that_nobody_gave_opens_none_of_them(instance: Instance, guess: str) -> None:
    guessing = (
        instance.visitor(Authorization="Bearer rbsm_guess") if guess == "token" else instance.browser_with("guess")
    )
    async with guessing as somebody:
        for method, path in _routes(instance) - PUBLIC:
            assert (await somebody.request(method, _address(path))).status_code == 401, path


@pytest.mark.parametrize(
    "spelling",
    [
        "/api/customers/",
        "//api//customers",
        "/api/./customers",
        "/api/../api/customers",
        "/api/%63ustomers",
        "/api%2Fcustomers",
        "/API/customers",
        "/api/customers;x",
        "/api/customers%00",
        "/api/customers%2e",
        "/health/../api/customers",
        "/assets/../api/customers",
        "/assets/%2e%2e/api/customers",
        "/api/openapi.json/../customers",
        "/%2fapi/customers",
        "/api/customers?public=1",
        "/api\\customers",
    ],
)
async def test_no_spelling_of_a_path_leads_around_the_gate(instance: Instance, spelling: str) -> None:
    async with instance.visitor() as stranger:
        answer = await stranger.get(f"http://localhost{spelling}")
    assert answer.status_code in (401, 404)
    assert "items" not in answer.text
