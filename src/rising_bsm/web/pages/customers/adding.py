"""Adding a customer."""

from typing import Any

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customers
from rising_bsm.errors import Conflict, InvalidInput
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.customers.drafts import NEW, as_typed, draft_of
from rising_bsm.web.pages.customers.words import shown
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/new", opt={READS: True})
async def new_customer(request: StrictRequest, actor: Actor) -> Response[str]:
    """An empty form."""
    actor.require("customers.create")
    return page(request, "customers/new.html", values=NEW, **shown())


@post("/new")
async def add_customer(request: StrictRequest, actor: Actor, customers: Customers) -> Response[Any]:
    """On to the customer who was added, or the form again with what was wrong."""
    draft = draft_of(await Form.of(request))
    try:
        customer = await customers.create(actor, draft)
    except (InvalidInput, Conflict) as error:
        return page(request, "customers/new.html", error=error, values=as_typed(draft), **shown())
    return redirect(f"/customers/{customer.id}", said=_("%(name)s is added.") % {"name": customer.name})
