"""What one is told: read, put back, all of it read, and the number beside the menu."""

from typing import Any
from uuid import UUID

from litestar import MediaType, Response, Router, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.notifications import NotificationQuery, Notifications
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import own_path, page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.templating import render
from rising_bsm.web.turns import READS

_NEW = NotificationQuery(unread=True, limit=20)
_PAGE = 20


@get("/notifications", opt={READS: True})
async def list_notifications(request: StrictRequest, actor: Actor, notifications: Notifications) -> Response[str]:
    """One's own: the unread ones first, then the others; with `unread` only those."""
    return await _shown(request, actor, notifications)


@get("/notifications/unread", opt={READS: True})
async def count_unread(actor: Actor, notifications: Notifications) -> Response[str]:
    """How many are unread, for the menu; nothing when there are none."""
    count = await notifications.unread(actor)
    return Response(render("notifications/unread.html", {"count": count}), media_type=MediaType.HTML)


@post("/notifications/read")
async def read_all(request: StrictRequest, actor: Actor, notifications: Notifications) -> Response[Any]:
    """All are read now."""
    await notifications.mark_all_read(actor)
    return await _done(request, actor, notifications)


@post("/notifications/{notification_id:uuid}/read")
async def read_one(
    request: StrictRequest, notification_id: UUID, actor: Actor, notifications: Notifications
) -> Response[Any]:
    """This one is read."""
    await notifications.mark_read(actor, notification_id)
    return await _done(request, actor, notifications)


@post("/notifications/{notification_id:uuid}/unread")
async def put_back(
    request: StrictRequest, notification_id: UUID, actor: Actor, notifications: Notifications
) -> Response[Any]:
    """This one is unread again."""
    await notifications.mark_unread(actor, notification_id)
    return await _done(request, actor, notifications)


@post("/notifications/{notification_id:uuid}/open")
async def open_one(notification_id: UUID, actor: Actor, notifications: Notifications) -> Response[Any]:
    """This one is read, and on to what it is about."""
    return redirect(own_path((await notifications.mark_read(actor, notification_id)).link or "/notifications"))


async def _done(request: StrictRequest, actor: Actor, notifications: Notifications) -> Response[Any]:
    if request.headers.get("hx-request") != "true":
        return redirect("/notifications", said=_("Done."))
    answer = await _shown(request, actor, notifications)
    # The number beside the menu hears this and asks again.
    answer.headers["HX-Trigger"] = "notified"
    return answer


async def _shown(request: StrictRequest, actor: Actor, notifications: Notifications) -> Response[str]:
    asked = filters_of(request, ("unread", "offset"))
    only_unread = asked.get("unread") == "true"
    query = NotificationQuery.of({"limit": _PAGE, "offset": asked.get("offset", 0), "unread": only_unread})
    new = None if only_unread or query.offset else await notifications.list(actor, _NEW)
    inbox = await notifications.list(actor, query)
    return page(request, "notifications/list.html", new=new, inbox=inbox, only_unread=only_unread)


router = Router(
    "/",
    route_handlers=[list_notifications, count_unread, read_all, read_one, put_back, open_one],
    include_in_schema=False,
)
