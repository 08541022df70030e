"""Changing a customer, also while somebody else does."""

import json
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.business.customers import Customer, Customers
from rising_bsm.errors import Conflict, Error, InvalidInput
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.customers.drafts import as_typed, base_of, draft_of
from rising_bsm.web.pages.customers.words import shown
from rising_bsm.web.pages.deeds import FIELDS as SPOKEN
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS


@get("/{customer_id:uuid}/edit", opt={READS: True})
async def edit_customer(request: StrictRequest, customer_id: UUID, actor: Actor, customers: Customers) -> Response[str]:
    """The form with what is stored."""
    actor.require("customers.update")
    customer = await customers.get(actor, customer_id)
    return _form(request, customer, customer.as_draft())


@post("/{customer_id:uuid}/edit")
async def change_customer(
    request: StrictRequest, customer_id: UUID, actor: Actor, customers: Customers, activity: ActivityLog
) -> Response[Any]:
    """Back to the customer, or the form again with what was wrong; what somebody else wrote meanwhile is not lost."""
    form = await Form.of(request)
    draft, version = draft_of(form), form.text("version")
    try:
        expected = int(version) if version.isdecimal() else None
        customer = await customers.update(actor, customer_id, draft, expected_version=expected)
    except (InvalidInput, Conflict) as error:
        current = await customers.get(actor, customer_id)
        if error.code == Customer.noun.changed_meanwhile(customer_id).code:
            return await _both(request, activity, current, draft, base_of(form), error)
        return _form(request, current, draft, base=base_of(form), version=version, error=error)
    return redirect(f"/customers/{customer.id}", said=_("The changes are saved."))


def _form(
    request: StrictRequest,
    customer: Customer,
    draft: dict[str, Any],
    *,
    base: dict[str, Any] | None = None,
    version: str = "",
    error: Error | None = None,
    **context: Any,
) -> Response[str]:
    kept = {"base": json.dumps(base or customer.as_draft()), "version": version or customer.version}
    context = {"customer": customer, "values": as_typed(draft), **kept, **context}
    return page(request, "customers/edit.html", error=error, **context, **shown())


async def _both(
    request: StrictRequest,
    activity: ActivityLog,
    current: Customer,
    mine: dict[str, Any],
    base: dict[str, Any],
    error: Error,
) -> Response[str]:
    """The form with what both wrote: mine where I changed something, theirs elsewhere, and theirs is said."""
    theirs = current.as_draft()
    others = {name: value for name, value in theirs.items() if name not in base or base[name] != value}
    merged = {name: value for name, value in mine.items() if name not in others or value != base.get(name)}
    lost = {name: as_typed(others)[name] for name in others if name in merged and merged[name] != others[name]}
    who = await _last_to_change(request.user, activity, current)
    said: dict[str, Any] = {"others": [SPOKEN.get(name, name) for name in others], "lost": lost, "who": who}
    return _form(request, current, theirs | merged, error=error, **said)


async def _last_to_change(actor: Actor, activity: ActivityLog, customer: Customer) -> str:
    if not actor.may("activity.read"):
        return _("Somebody else")
    found = (await activity.list(actor, limit=1, about=(Customer.noun.singular, str(customer.id)))).items
    return found[0].user_name if found else _("Somebody else")
