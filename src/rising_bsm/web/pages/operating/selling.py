"""Selling a licence; its key is shown once."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error
from rising_bsm.marketplace.market import Market
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.operating.terms import end_of, terms_of
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FIRST = {"type": "basic", "max_installs": "1", "grace_days": "7"}


@get("/new", opt={READS: True})
async def sale_form(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """The form of a new licence."""
    return await _form(request, actor, market, _FIRST | {"plugin": request.query_params.get("plugin", "")})


@post("/new")
async def sell(request: StrictRequest, actor: Actor, market: Market) -> Response[Any]:
    """The new licence with its key, or the form again with what was wrong."""
    form = await Form.of(request)
    try:
        sold = await market.selling.sales.sell(actor, _draft(form))
    except Error as error:
        return await _form(request, actor, market, form.as_dict(), error)
    return market_page(request, "operating/sold.html", licence=sold.licence.as_dict(), key=sold.key.text)


def _draft(form: Form) -> dict[str, Any]:
    plain = form.texts(("plugin", "holder", "reason"))
    days = form.text("grace_days").strip()
    grace = int(days) if days.isascii() and days.isdecimal() and len(days) < 9 else days
    return terms_of(form) | plain | {"expires_at": end_of(form.text("expires_at")), "grace_days": grace}


async def _form(
    request: StrictRequest, actor: Actor, market: Market, values: Mapping[str, str], error: Error | None = None
) -> Response[str]:
    plugins = await market.selling.sales.plugins(actor)
    return market_page(request, "operating/sell.html", error=error, values=dict(values), plugins=plugins)


HANDLERS = (sale_form, sell)
