"""What one is told."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.notifications import NotificationDraft, NotificationQuery, Notifications
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


@get("/", opt={READS: True}, operation_class=asked(NotificationQuery))
async def list_notifications(request: StrictRequest, actor: Actor, notifications: Notifications) -> dict[str, Any]:
    """One's own, the newest first, by `unread`; paged by `limit` and `offset`. Needs `notifications.read`."""
    query = NotificationQuery.of(dict(request.query_params))
    return (await notifications.list(actor, query)).as_dict()


@get("/unread", opt={READS: True})
async def count_unread(actor: Actor, notifications: Notifications) -> dict[str, int]:
    """How many of one's own are unread. Needs `notifications.read`."""
    return {"unread": await notifications.unread(actor)}


@post("/")
async def send_notification(
    data: Annotated[Any, described(NotificationDraft)], actor: Actor, notifications: Notifications
) -> dict[str, Any]:
    """Tells one user, or everybody of a role. Needs `notifications.send`."""
    return (await notifications.send(actor, NotificationDraft.of(data))).as_dict()


@post("/{notification_id:uuid}/read", status_code=204)
async def mark_read(notification_id: UUID, actor: Actor, notifications: Notifications) -> None:
    """One has read this one. Needs `notifications.read`."""
    await notifications.mark_read(actor, notification_id)


@post("/read", status_code=200)
async def mark_all_read(actor: Actor, notifications: Notifications) -> dict[str, int]:
    """One has read all there are; how many were unread. Needs `notifications.read`."""
    return {"read": await notifications.mark_all_read(actor)}


router = Router(
    "/notifications",
    route_handlers=[list_notifications, count_unread, send_notification, mark_read, mark_all_read],
    tags=["Notifications"],
)
