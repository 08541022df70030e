"""What plugins show: areas of pages, pages of their own, and what their buttons and forms do."""

from typing import Any

from litestar import Response, Router, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customers
from rising_bsm.errors import Error, NotFound
from rising_bsm.runtime import Runtime
from rising_bsm.web.cookies import Cookies
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, partial
from rising_bsm.web.plugin_ui.desk import Desk, Guest, page_with
from rising_bsm.web.plugin_ui.frames import framed
from rising_bsm.web.plugin_ui.region import Region, props_of
from rising_bsm.web.plugin_ui.tickets import Tickets
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.extensions import CAGE
from rising_bsm.web.turns import READS

_PICTURES = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp", "gif": "gif"}


@get("/plugins/{plugin_id:str}/components/{name:str}")
async def component(
    request: StrictRequest,
    plugin_id: str,
    name: str,
    actor: Actor,
    runtime: Runtime,
    customers: Customers,
    jar: Cookies,
) -> Response[Any]:
    """What a component shows now: for a script what stands in its area, else a page with it."""
    try:
        region = Region(runtime.ui.find(plugin_id, name, actor), props_of(dict(request.query_params)))
    except Error as error:
        if partial(request):
            # In its place, not above the page: somebody else has taken it away, and nothing else is wrong.
            return page(request, "plugin_ui/gone.html", error=error)
        raise
    return await Desk(Guest(request, actor, jar), region, runtime, customers).show()


@post("/plugins/{plugin_id:str}/actions/{name:str}", status_code=200)
async def action(
    request: StrictRequest,
    plugin_id: str,
    name: str,
    actor: Actor,
    runtime: Runtime,
    customers: Customers,
    jar: Cookies,
) -> Response[Any]:
    """What comes of a button or a form: its area as it is now, the form with what was wrong, or another page."""
    form, guest = await Form.of(request), Guest(request, actor, jar)
    sealed = form.text("ticket")
    ticket = Tickets(jar.secret).open(sealed, guest.user, plugin_id, name)
    region = Region(
        runtime.ui.find(plugin_id, ticket.component, actor),
        props_of(ticket.query, ticket.entity).model_copy(update={"state": ticket.state}),
    )
    return await Desk(guest, region, runtime, customers).press(ticket, sealed, form)


@get("/ext/{plugin_id:str}/{name:str}", opt={READS: True})
async def own_page(request: StrictRequest, plugin_id: str, name: str, actor: Actor, runtime: Runtime) -> Response[Any]:
    """A page of a plugin; what the plugin shows comes when the page is there."""
    if runtime.ui.has_page(plugin_id, name):
        region = Region(runtime.ui.find(plugin_id, name, actor), props_of(dict(request.query_params)))
        return page_with(request, region)
    plugin, frame = runtime.frames.find(plugin_id, name, actor)
    if frame.mount != "page":
        raise NotFound("There is nothing at this address.", place=request.url.path)
    return page(request, "plugin_ui/page.html", title=frame.title, framed=framed(request, plugin, frame))


@get("/plugins/{plugin_id:str}/pictures/{digest:str}/{path:path}")
async def picture(plugin_id: str, digest: str, path: str, actor: Actor, runtime: Runtime) -> Response[bytes]:  # noqa: ARG001
    """A picture of the bundle of this digest, below its folder `ui`."""
    kind = _PICTURES.get(path.rpartition(".")[2].lower())
    if kind is None:
        raise NotFound("There is no picture at this address.", place=path)
    content = await runtime.frames.file(plugin_id, digest, path.lstrip("/"))
    headers = {"cache-control": "private, max-age=86400, immutable", "content-security-policy": CAGE}
    return Response(content, media_type=f"image/{kind}", headers=headers)


router = Router("/", route_handlers=[component, action, own_page, picture], include_in_schema=False)
