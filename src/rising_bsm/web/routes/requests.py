"""Service requests over HTTP, for those who work here."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, delete, get, patch, post

from rising_bsm.accounts import Actor
from rising_bsm.business.requests import Conversion, RequestDraft, RequestQuery, Requests, ServiceRequest
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.entities import about
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.routes.versions import IfMatch, version_of, with_version
from rising_bsm.web.turns import READS


@get("/", opt={READS: True}, operation_class=asked(RequestQuery))
async def list_requests(request: StrictRequest, actor: Actor, requests: Requests) -> dict[str, Any]:
    """By `search`, `status`, `assignee_id`, `customer_id`, `appointment_id`; paged by `sort`, `limit`, `offset`."""
    query = RequestQuery.of(dict(request.query_params))
    return (await requests.list(actor, query)).as_dict()


@post("/")
async def create_request(
    data: Annotated[Any, described(RequestDraft)], actor: Actor, requests: Requests
) -> Response[dict[str, Any]]:
    """Adds a service request."""
    return with_version(await requests.create(actor, data), status=201)


@get("/{request_id:uuid}", opt={READS: True})
async def get_request(request_id: UUID, actor: Actor, requests: Requests) -> Response[dict[str, Any]]:
    """One service request; its version is the `ETag`."""
    return with_version(await requests.get(actor, request_id))


@patch("/{request_id:uuid}")
async def update_request(
    request_id: UUID,
    data: Annotated[Any, described(RequestDraft, partly=True)],
    actor: Actor,
    requests: Requests,
    if_match: IfMatch = None,
) -> Response[dict[str, Any]]:
    """Changes the fields that are sent. With `If-Match` only while the version is still that one."""
    return with_version(await requests.update(actor, request_id, data, expected_version=version_of(if_match)))


@delete("/{request_id:uuid}")
async def delete_request(request_id: UUID, actor: Actor, requests: Requests, if_match: IfMatch = None) -> None:
    """Removes a service request. With `If-Match` only while the version is still that one."""
    await requests.delete(actor, request_id, expected_version=version_of(if_match))


@post("/{request_id:uuid}/convert", status_code=200)
async def convert_request(
    request_id: UUID,
    data: Annotated[Any, described(Conversion)],
    actor: Actor,
    requests: Requests,
    if_match: IfMatch = None,
) -> Response[dict[str, Any]]:
    """Makes a customer, an appointment or both of it, all at once or not at all; answers with the request."""
    return with_version(await requests.convert(actor, request_id, data, expected_version=version_of(if_match)))


router = Router(
    "/requests",
    route_handlers=[
        list_requests,
        create_request,
        get_request,
        update_request,
        delete_request,
        convert_request,
        *about(ServiceRequest),
    ],
    tags=["Service requests"],
)
