"""What is done with several customers that were ticked in the list."""

from typing import Any
from uuid import UUID

from litestar import Response, post

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import Customers
from rising_bsm.errors import Error, InvalidInput, PermissionDenied
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.i18n import ngettext
from rising_bsm.web.pages.customers.words import STATUSES
from rising_bsm.web.pages.forms import Form
from rising_bsm.web.pages.page import own_path, page, redirect
from rising_bsm.web.requests import StrictRequest

_MOST = 200


@post("/selected")
async def change_selected(request: StrictRequest, actor: Actor, customers: Customers) -> Response[Any]:
    """Each gets the status that was chosen; back to the list, or what became of each if some did not."""
    form = await Form.of(request)
    chosen, status, back = _ids(form), form.text("status"), own_path(form.text("back") or "/customers")
    if not chosen:
        return redirect(back, said=_("Tick the customers first."))
    refused = await _set(actor, customers, chosen, status)
    if refused:
        done = len(chosen) - len(refused)
        return page(request, "customers/selected.html", refused=refused, done=done, back=back)
    said = ngettext("%(n)s customer is now: %(status)s.", "%(n)s customers are now: %(status)s.", len(chosen))
    return redirect(back, said=said % {"n": len(chosen), "status": _(STATUSES[status])})


def _ids(form: Form) -> list[UUID]:
    try:
        return [UUID(one) for one in form.many("id")[:_MOST]]
    except ValueError:
        raise InvalidInput("These are no customers.", place="id", next_step="Load the list again.") from None


async def _set(actor: Actor, customers: Customers, chosen: list[UUID], status: str) -> list[tuple[UUID, Error]]:
    refused: list[tuple[UUID, Error]] = []
    for customer_id in chosen:
        try:
            await customers.update(actor, customer_id, {"status": status})
        except PermissionDenied:
            raise
        except Error as error:
            refused.append((customer_id, error))
    return refused
