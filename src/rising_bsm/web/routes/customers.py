"""Customers over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post
from litestar.params import HeaderParameter

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customer, CustomerDraft, CustomerQuery, Customers
from rising_bsm.web.errors import BadRequest
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.turns import READS

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", required=False)]


@get("/", opt={READS: True})
async def list_customers(request: StrictRequest, actor: Actor, customers: Customers) -> dict[str, Any]:
    """By `search`, `status`, `type`, `city`, `country`, `tag`, `newsletter`; paged by `sort`, `limit`, `offset`."""
    query = CustomerQuery.of(dict(request.query_params))
    return (await customers.list(actor, query)).as_dict()


@post("/")
async def create_customer(
    data: Annotated[Any, described(CustomerDraft)], actor: Actor, customers: Customers
) -> Response[dict[str, Any]]:
    """Adds a customer."""
    return _answer(await customers.create(actor, data), status=201)


@get("/{customer_id:uuid}", opt={READS: True})
async def get_customer(customer_id: UUID, actor: Actor, customers: Customers) -> Response[dict[str, Any]]:
    """One customer; its version is the `ETag`."""
    return _answer(await customers.get(actor, customer_id))


@patch("/{customer_id:uuid}")
async def update_customer(
    customer_id: UUID,
    data: Annotated[Any, described(CustomerDraft)],
    actor: Actor,
    customers: Customers,
    if_match: IfMatch = None,
) -> Response[dict[str, Any]]:
    """Changes the fields that are sent. With `If-Match` only while the version is still that one."""
    return _answer(await customers.update(actor, customer_id, data, expected_version=_version(if_match)))


@delete("/{customer_id:uuid}")
async def delete_customer(customer_id: UUID, actor: Actor, customers: Customers, if_match: IfMatch = None) -> None:
    """Removes a customer. With `If-Match` only while the version is still that one."""
    await customers.delete(actor, customer_id, expected_version=_version(if_match))


def _answer(customer: Customer, *, status: int = 200) -> Response[dict[str, Any]]:
    return Response(customer.as_dict(), status_code=status, headers={"ETag": f'"{customer.version}"'})


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip()
    digits = text[1:-1]
    if text == f'"{digits}"' and digits.isascii() and digits.isdigit() and len(digits) < 10:
        return int(digits)
    raise BadRequest(
        "If-Match holds no version of a customer.", place="If-Match", next_step="Send the ETag as it was received."
    )


router = Router(
    "/customers",
    route_handlers=[list_customers, create_customer, get_customer, update_customer, delete_customer],
    tags=["Customers"],
)
