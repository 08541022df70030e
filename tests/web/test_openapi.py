import pytest

from rising_bsm.marketplace import MARKETPLACE
from support.web import Instance

pytestmark = pytest.mark.anyio
ELSEWHERE = ("/api/openapi.json", f"/api/ext/{MARKETPLACE}")
"""The description itself, and what is described for each route of a plugin."""


async def test_the_description_names_every_route_of_the_interface(instance: Instance) -> None:
    async with instance.visitor() as program:
        described = (await program.get("/api/openapi.json")).json()["paths"]
    routes = {
        (route.path_format, method.lower())
        for route in instance.app.routes
        for method in route.methods
        if method != "OPTIONS" and route.path.startswith("/api/") and not route.path.startswith(ELSEWHERE)
    }
    assert routes
    assert routes <= {(path, method) for path, methods in described.items() for method in methods}


async def test_bodies_are_described_by_what_checks_them(instance: Instance) -> None:
    async with instance.visitor() as program:
        described = (await program.get("/api/openapi.json")).json()["paths"]
    body = described["/api/customers"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert body["required"]
    assert schema["properties"]["status"]["enum"] == ["active", "inactive", "lead"]
    assert "postal_code" in schema["properties"]


@pytest.mark.parametrize("path", ["/schema", "/schema/swagger", "/api", "/api/swagger", "/api/redoc", "/api/elements"])
async def test_there_are_no_pages_around_it(instance: Instance, path: str) -> None:
    async with instance.visitor() as browser:
        answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
