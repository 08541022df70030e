"""demo.lead-intake: makes leads of service requests, with what a company register knows of who asks."""

from collections.abc import Mapping
from typing import Any

from rising_bsm_sdk import Context, Event, Missing, Plugin, after

from .companies import as_customer, domain_of

REGISTER = "http://register.localhost:8765/v1/companies/"


class LeadIntake(Plugin):
    """Looks at every new service request, and leaves those alone that it knows nothing of."""

    @after("requests.create")
    def enrich(self, ctx: Context, event: Event) -> None:
        """Add the company that asks as a lead, and link the request to it.

        A register that cannot be reached raises, so the event comes again later. Looking at the request as it is now,
        instead of as it was, makes an event that comes twice do nothing the second time.
        """
        try:
            request = ctx.requests.get(str(event.entity_id))
        except Missing:
            return
        domain = domain_of(request["email"])
        if request["customer_id"] is not None or domain is None:
            return
        company = look_up(ctx, domain)
        if company is None:
            ctx.log.info("the register does not know this company", domain=domain)
            return
        ctx.requests.convert(request["id"], customer=as_customer(company), status="in_progress")
        ctx.log.info("a lead", company=company["name"], request=request["id"])


def look_up(ctx: Context, domain: str) -> Mapping[str, Any] | None:
    """What the register knows of the company with this domain, None if nothing; raises when it does not answer."""
    reply = ctx.http.fetch("GET", REGISTER + domain, headers={"accept": "application/json"}, timeout=5)
    if reply.status == 404:
        return None
    if not reply.ok:
        raise RuntimeError(f"the register answers with {reply.status}")
    company: Mapping[str, Any] = reply.json()
    return company
