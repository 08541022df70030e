"""Customers over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customer, CustomerDraft, CustomerQuery, Customers
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.entities import about
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.routes.versions import IfMatch, version_of, with_version
from rising_bsm.web.turns import READS


@get("/", opt={READS: True}, operation_class=asked(CustomerQuery))
async def list_customers(request: StrictRequest, actor: Actor, customers: Customers) -> dict[str, Any]:
    """By `search`, `status`, `type`, `city`, `country`, `tag`, `newsletter`; paged by `sort`, `limit`, `offset`."""
    query = CustomerQuery.of(dict(request.query_params))
    return (await customers.list(actor, query)).as_dict()


@post("/")
async def create_customer(
    data: Annotated[Any, described(CustomerDraft)], actor: Actor, customers: Customers
) -> Response[dict[str, Any]]:
    """Adds a customer."""
    return with_version(await customers.create(actor, data), status=201)


@get("/{customer_id:uuid}", opt={READS: True})
async def get_customer(customer_id: UUID, actor: Actor, customers: Customers) -> Response[dict[str, Any]]:
    """One customer; its version is the `ETag`."""
    return with_version(await customers.get(actor, customer_id))


@patch("/{customer_id:uuid}")
async def update_customer(
    customer_id: UUID,
    data: Annotated[Any, described(CustomerDraft, partly=True)],
    actor: Actor,
    customers: Customers,
    if_match: IfMatch = None,
) -> Response[dict[str, Any]]:
    """Changes the fields that are sent. With `If-Match` only while the version is still that one."""
    return with_version(await customers.update(actor, customer_id, data, expected_version=version_of(if_match)))


@delete("/{customer_id:uuid}")
async def delete_customer(customer_id: UUID, actor: Actor, customers: Customers, if_match: IfMatch = None) -> None:
    """Removes a customer. With `If-Match` only while the version is still that one."""
    await customers.delete(actor, customer_id, expected_version=version_of(if_match))


router = Router(
    "/customers",
    route_handlers=[
        list_customers,
        create_customer,
        get_customer,
        update_customer,
        delete_customer,
        *about(Customer),
    ],
    tags=["Customers"],
)
