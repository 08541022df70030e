"""Events on their way to a plugin, and those that did not arrive."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.runtime.events.deliveries import Deliveries
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import ngettext
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.pages.plugins.frame import plugin_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.deliveries import DeliveryQuery
from rising_bsm.web.turns import READS


@get("/{plugin_id:str}/deliveries", opt={READS: True})
async def list_deliveries(
    request: StrictRequest, plugin_id: str, actor: Actor, deliveries: Deliveries
) -> Response[str]:
    """What is on its way and what is dead, the oldest first, in pages."""
    asked = {name: value for name in ("status", "after") if (value := request.query_params.get(name))}
    query = DeliveryQuery.of(asked)
    wanted = {"status": query.status, "limit": query.limit + 1, "after": query.after}
    found = await deliveries.list(actor, plugin_id, **wanted)  # type: ignore[arg-type]  # each is what it is named
    choices = [("", _("All")), ("dead", _("Not arrived")), ("waiting", _("On their way"))]
    shown = found[: query.limit]
    onward = shown[-1].id if len(found) > query.limit else None
    return await plugin_page(request, plugin_id, "deliveries", found=shown, onward=onward, choices=choices)


@post("/{plugin_id:str}/deliveries/retry")
async def retry_all(plugin_id: str, actor: Actor, deliveries: Deliveries) -> Response[Any]:
    """All that is dead is tried again."""
    count = await deliveries.retry_all(actor, plugin_id)
    said = ngettext("%(n)s delivery is tried again.", "%(n)s deliveries are tried again.", count) % {"n": count}
    return redirect(f"/plugins/{plugin_id}/deliveries", said=said)


@post("/{plugin_id:str}/deliveries/{delivery_id:uuid}/retry")
async def retry_one(plugin_id: str, delivery_id: UUID, actor: Actor, deliveries: Deliveries) -> Response[Any]:
    """One that is dead is tried again."""
    await deliveries.retry(actor, plugin_id, delivery_id)
    return redirect(f"/plugins/{plugin_id}/deliveries", said=_("The delivery is tried again."))


@post("/{plugin_id:str}/deliveries/{delivery_id:uuid}/drop")
async def drop_one(plugin_id: str, delivery_id: UUID, actor: Actor, deliveries: Deliveries) -> Response[Any]:
    """The plugin never learns of it."""
    await deliveries.drop(actor, plugin_id, delivery_id)
    return redirect(f"/plugins/{plugin_id}/deliveries", said=_("The delivery is dropped."))


HANDLERS = (list_deliveries, retry_all, retry_one, drop_one)
