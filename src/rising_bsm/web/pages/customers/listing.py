"""The list of customers."""

from typing import Any

from litestar import Response, get

from rising_bsm.accounts import Actor
from rising_bsm.business.customers import CustomerQuery, Customers
from rising_bsm.web.pages.customers.words import shown
from rising_bsm.web.pages.forms import filters_of
from rising_bsm.web.pages.page import page
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.turns import READS

MORE = ("country", "tag", "newsletter")
"""The filters that are out of the way unless they are in use."""

FILTERS = ("search", "status", "type", *MORE)
_PAGE = 25


@get("/", opt={READS: True})
async def list_customers(request: StrictRequest, actor: Actor, customers: Customers) -> Response[str]:
    """Those that the address asks for; all of the question is in it."""
    asked = filters_of(request, (*FILTERS, "sort", "offset"))
    query = CustomerQuery.of({"limit": _PAGE} | asked)
    found = await customers.list(actor, query)
    filtered = [name for name in FILTERS if name in asked]
    context: dict[str, Any] = {"found": found, "query": query, "filtered": filtered, "more": set(filtered) & set(MORE)}
    return page(request, "customers/list.html", **context, **shown())
