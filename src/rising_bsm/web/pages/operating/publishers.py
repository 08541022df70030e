"""Who publishes here: found, verified, suspended, and their keys revoked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.errors import Error, NotFound
from rising_bsm.marketplace.market import Market
from rising_bsm.marketplace.operating.directory import DirectoryQuery
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.forms import Form, filters_of
from rising_bsm.web.pages.operating.words import market_page
from rising_bsm.web.pages.page import redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

_FILTERS = ("search", "verified", "offset")


@get("/publishers", opt={READS: True})
async def list_publishers(request: StrictRequest, actor: Actor, market: Market) -> Response[str]:
    """Publishers by words, and by whether the operator knows who they are."""
    query = DirectoryQuery.of(filters_of(request, _FILTERS))
    found = await market.operation.directory.page(actor, query)
    return market_page(request, "operating/publishers.html", found=found, query=query)


@get("/publishers/{name:str}", opt={READS: True})
async def show_publisher(request: StrictRequest, actor: Actor, market: Market, name: str) -> Response[str]:
    """Who it is, its keys, its plugins and what it has submitted."""
    return await _shown(request, actor, market, name)


@post("/publishers/{name:str}")
async def change_publisher(request: StrictRequest, actor: Actor, market: Market, name: str) -> Response[Any]:
    """It is verified, suspended or let go on, or one of its keys is revoked."""
    form = await Form.of(request)
    try:
        said = await _verb(form)(market, actor, name, form)
    except Error as error:
        return await _shown(request, actor, market, name, error)
    return redirect(f"/operating/publishers/{name}", said=said)


async def _shown(
    request: StrictRequest, actor: Actor, market: Market, name: str, error: Error | None = None
) -> Response[str]:
    shown = {
        "publisher": await market.operation.directory.one(actor, name),
        "keys": await market.office.publishers.keys(actor, name),
        "history": await market.operation.queue.history(actor, name),
        "suspension": await market.office.suspensions.of(actor, name),
    }
    return market_page(request, "operating/publisher.html", error=error, **shown)


async def _verify(market: Market, actor: Actor, name: str, _form: Form) -> str:
    await market.office.publishers.verify(actor, name)
    return _("%(name)s is verified.") % {"name": name}


async def _doubt(market: Market, actor: Actor, name: str, _form: Form) -> str:
    await market.office.publishers.verify(actor, name, verified=False)
    return _("%(name)s is not verified any more.") % {"name": name}


async def _suspend(market: Market, actor: Actor, name: str, form: Form) -> str:
    await market.office.suspensions.suspend(actor, name, {"reason": form.text("reason")})
    return _("%(name)s is suspended: nothing of it is taken or released.") % {"name": name}


async def _lift(market: Market, actor: Actor, name: str, _form: Form) -> str:
    await market.office.suspensions.lift(actor, name)
    return _("%(name)s may publish again.") % {"name": name}


async def _revoke_key(market: Market, actor: Actor, name: str, form: Form) -> str:
    draft = {"reason": form.text("reason"), "compromised": form.flag("compromised")}
    done = await market.office.revocations.revoke(actor, name, form.text("key"), draft)
    versions = len(done.versions)
    return _("The key is revoked; %(count)s versions are revoked with it.") % {"count": versions}


_VERBS: Mapping[str, Callable[[Market, Actor, str, Form], Awaitable[str]]] = {
    "verify": _verify,
    "doubt": _doubt,
    "suspend": _suspend,
    "lift": _lift,
    "revoke_key": _revoke_key,
}


def _verb(form: Form) -> Callable[[Market, Actor, str, Form], Awaitable[str]]:
    verb = _VERBS.get(form.text("verb"))
    if verb is None:
        raise NotFound("A publisher cannot be changed so.", place=form.text("verb")[:40])
    return verb


HANDLERS = (list_publishers, show_publisher, change_publisher)
