"""One's own access tokens; a new one is shown once, in the answer alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import PERMISSIONS, Accounts, Actor
from rising_bsm.accounts.tokens import NOT_BY_TOKEN
from rising_bsm.db import now
from rising_bsm.errors import Error
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import no_translation
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_TERMS = {
    "30": no_translation("30 days"),
    "90": no_translation("90 days"),
    "365": no_translation("A year"),
    "": no_translation("Until it is revoked"),
}
"""For how many days a token may hold."""


@get("/tokens", opt={READS: True})
async def list_tokens(request: StrictRequest, actor: Actor, accounts: Accounts) -> Response[Any]:
    """All of them, the newest first, with when they end and were used last."""
    return page(request, "me/tokens.html", tokens=await accounts.list_tokens(actor), moment=now())


@get("/tokens/new", opt={READS: True})
async def new_token(request: StrictRequest, actor: Actor) -> Response[Any]:
    """The form."""
    actor.require("tokens.manage")
    return _form(request, actor, {"term": "90", "extent": "all"}, [])


@post("/tokens/new", status_code=200)
async def make_token(request: StrictRequest, actor: Actor, accounts: Accounts) -> Response[Any]:
    """The new token, to be copied; or the form again with what was wrong."""
    form = await Form.of(request)
    typed, scopes = form.texts(("name", "term", "extent")), form.many("scopes")
    draft: dict[str, Any] = {"name": form.text("name"), "scopes": scopes if form.text("extent") == "some" else None}
    if days := form.number("term") if form.text("term") in _TERMS else None:
        draft["expires_at"] = now() + timedelta(days=days)
    try:
        issued = await accounts.issue_token(actor, draft)
    except Error as error:
        return _form(request, actor, typed, scopes, error)
    return page(request, "me/token.html", issued=issued)


@post("/tokens/{token_id:uuid}/revoke")
async def revoke_token(token_id: UUID, actor: Actor, accounts: Accounts) -> Response[Any]:
    """Back on the list; what used the token is refused at once."""
    await accounts.revoke_token(actor, token_id)
    return redirect("/me/tokens", said=_("The token is revoked."))


def _form(
    request: StrictRequest, actor: Actor, typed: Mapping[str, str], scopes: list[str], error: Error | None = None
) -> Response[Any]:
    may = {code: sentence for code, sentence in PERMISSIONS.items() if code in actor.permissions - NOT_BY_TOKEN}
    terms = [(days, _(label)) for days, label in _TERMS.items()]
    return page(request, "me/token_new.html", error=error, values=typed, chosen=scopes, may=may, terms=terms)
