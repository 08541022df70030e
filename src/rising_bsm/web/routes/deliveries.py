"""Events on their way to a plugin, for those who manage plugins."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from litestar import Router, delete, get, post
from pydantic import Field

from rising_bsm.accounts import Actor
from rising_bsm.accounts.validation import Input
from rising_bsm.runtime.events.deliveries import Deliveries
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


class DeliveryQuery(Input):
    """Which deliveries: at most `limit`, those of a `status`, those that came after the one named."""

    refusal: ClassVar[str] = "events.invalid_query"

    status: Literal["waiting", "dead"] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: UUID | None = None


@get("/", opt={READS: True}, operation_class=asked(DeliveryQuery))
async def list_deliveries(
    request: StrictRequest, plugin_id: str, actor: Actor, deliveries: Deliveries
) -> dict[str, Any]:
    """What is on its way to the plugin, and what is `dead` after all attempts, the oldest first. Needs
    `plugins.manage`."""
    query = DeliveryQuery.of(dict(request.query_params))
    found = await deliveries.list(actor, plugin_id, status=query.status, limit=query.limit, after=query.after)
    return {"items": [each.as_dict() for each in found]}


@post("/retry", status_code=200)
async def retry_deliveries(plugin_id: str, actor: Actor, deliveries: Deliveries) -> dict[str, Any]:
    """Tries all that is dead again; `retried` says how many there were. Needs `plugins.manage`."""
    return {"retried": await deliveries.retry_all(actor, plugin_id)}


@post("/{delivery_id:uuid}/retry", status_code=204)
async def retry_delivery(plugin_id: str, delivery_id: UUID, actor: Actor, deliveries: Deliveries) -> None:
    """Tries a dead delivery again. Needs `plugins.manage`."""
    await deliveries.retry(actor, plugin_id, delivery_id)


@delete("/{delivery_id:uuid}")
async def drop_delivery(plugin_id: str, delivery_id: UUID, actor: Actor, deliveries: Deliveries) -> None:
    """Forgets a delivery; the plugin never learns of the event. Needs `plugins.manage`."""
    await deliveries.drop(actor, plugin_id, delivery_id)


router = Router(
    "/plugins/{plugin_id:str}/deliveries",
    route_handlers=[list_deliveries, retry_deliveries, retry_delivery, drop_delivery],
    tags=["Plugins"],
)
