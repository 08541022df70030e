"""Bringing a bundle to the marketplace."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.datastructures import UploadFile

from rising_bsm.accounts import Actor
from rising_bsm.bundle.limits import BundleLimits
from rising_bsm.errors import Error, InvalidInput
from rising_bsm.marketplace.market import Market
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_BYTES = BundleLimits().bundle_bytes + 64 * 1024
"""The bundle, and the few fields beside it."""


@get("/upload", opt={READS: True})
async def upload_form(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """The form, with what is needed before."""
    return await _form(request, actor, market)


@post("/upload", request_max_body_size=_BYTES)
async def upload(request: StrictRequest, actor: Actor, market: Market) -> Response[Any]:
    """The bundle is submitted: on to the submission, or the form again with what was wrong.

    A script that shows how far it is asks for JSON, and is told where to go on: `{"at": "..."}`.
    """
    by_script = request.headers.get("accept", "") == MediaType.JSON
    try:
        at = await _submitted(request, actor, market)
    except Error as error:
        if by_script:
            raise
        return await _form(request, actor, market, error)
    if by_script:
        return Response({"at": at}, status_code=201)
    return redirect(at, said=_("The bundle is here."))


async def _submitted(request: StrictRequest, actor: Actor, market: Market) -> str:
    form = await Form.of(request)
    channel, draft = form.text("channel") or "stable", form.flag("draft")
    data = await _bundle(request)
    made = await market.office.submissions.submit(actor, data, channel=channel, draft=draft)
    return f"/publishing/submissions/{made.id}"


async def _bundle(request: StrictRequest) -> bytes:
    form = await request.form()
    try:
        file = form.get("bundle")
        data = await file.read() if isinstance(file, UploadFile) else b""
    finally:
        await form.close()
    if not data:
        raise InvalidInput(
            "No bundle was chosen.",
            fields={"bundle": _("Choose the file that “rising-bsm build” and “rising-bsm sign” have made.")},
            code="submissions.no_bundle",
            place="bundle",
            next_step="Choose a file that ends in .rbsm.",
        )
    return data


async def _form(request: StrictRequest, actor: Actor, market: Market, error: Error | None = None) -> Response[str]:
    publishers = await market.office.publishers.mine(actor)
    ready = [one["name"] for one in publishers if any(key["revoked_at"] is None for key in one["keys"])]
    return market_page(request, "publishing/upload.html", error=error, publishers=publishers, ready=ready)


HANDLERS = (upload_form, upload)
