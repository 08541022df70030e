"""Adding service requests that did not come by the website, and correcting what was sent."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.requests import Requests, ServiceRequest
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_TEXTS = ("name", "email", "phone", "service", "message", "source")


@get("/new", opt={READS: True})
async def new_request(request: StrictRequest, actor: Actor) -> Response[Any]:
    """The empty form."""
    actor.require("requests.create")
    return _form(request, {"source": "phone"})


@post("/new")
async def add_request(request: StrictRequest, actor: Actor, requests: Requests) -> Response[Any]:
    """On the page of the new request, or the form again with what was wrong."""
    typed = (await Form.of(request)).texts(_TEXTS)
    try:
        added = await requests.create(actor, dict(typed))
    except Error as error:
        return _form(request, typed, error=error)
    return redirect(f"/requests/{added.id}", said=_("The request is kept."))


@get("/{request_id:uuid}/edit", opt={READS: True})
async def edit_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """The form with what is stored."""
    actor.require("requests.update")
    found = await requests.get(actor, request_id)
    return _form(request, {name: getattr(found, name) for name in _TEXTS}, found=found)


@post("/{request_id:uuid}/edit")
async def change_request(request: StrictRequest, request_id: UUID, actor: Actor, requests: Requests) -> Response[Any]:
    """Back on the page of the request, or the form again; it holds the version that is stored now."""
    form = await Form.of(request)
    typed, found = form.texts(_TEXTS), await requests.get(actor, request_id)
    try:
        await requests.update(actor, request_id, dict(typed), expected_version=form.number("version"))
    except Error as error:
        return _form(request, typed, found=found, error=error)
    return redirect(f"/requests/{request_id}", said=_("The request is changed."))


def _form(
    request: StrictRequest,
    typed: Mapping[str, str],
    *,
    found: ServiceRequest | None = None,
    error: Error | None = None,
) -> Response[Any]:
    return page(request, "requests/form.html", error=error, values=typed, found=found)
