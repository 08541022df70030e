"""demo.visit-counter: counts visits of customers, in storage and behind four routes."""

from typing import Any

from rising_bsm_sdk import Context, Invalid, Missing, Plugin, Refuse, Request, Response, route

VISITS = "visits/"
MOST = 1_000


class VisitCounter(Plugin):
    """One counter per customer, at `visits/{customer id}`."""

    @route("GET", "/visits", permission="customers.read")
    def visits(self, ctx: Context, request: Request) -> dict[str, Any]:
        """How many visits each customer made."""
        return {"visits": _counters(ctx)}

    @route("POST", "/visits/{customer_id}", permission="customers.read")
    def count(self, ctx: Context, request: Request) -> Response:
        """Count one visit of a customer who exists."""
        try:
            customer = ctx.customers.get(request.params["customer_id"])
        except (Invalid, Missing):
            return _nobody(request)
        visits = ctx.storage.increment(VISITS + customer["id"])
        return Response({"customer_id": customer["id"], "visits": visits}, status=201)

    @route("GET", "/top", permission="customers.read")
    def top(self, ctx: Context, request: Request) -> dict[str, Any]:
        """Who came most often; customers who were deleted meanwhile are left out."""
        limit = request.query.get("limit", "5")
        if limit not in map(str, range(1, 51)):
            raise Refuse("The limit is a number from 1 to 50.", field="limit")
        counters = sorted(_counters(ctx).items(), key=lambda item: (-item[1], item[0]))
        named = ((_name(ctx, customer_id), visits) for customer_id, visits in counters)
        found = [{"name": name, "visits": visits} for name, visits in named if name is not None]
        return {"items": found[: int(limit)]}

    @route("DELETE", "/visits/{customer_id}", permission="customers.read")
    def forget(self, ctx: Context, request: Request) -> Response:
        """Forget a customer's visits."""
        if ctx.storage.delete(VISITS + request.params["customer_id"].lower()):
            return Response(status=204)
        return _nobody(request)


def _counters(ctx: Context) -> dict[str, int]:
    return {key.removeprefix(VISITS): visits for key, visits in ctx.storage.list(VISITS, limit=MOST).items()}


def _name(ctx: Context, customer_id: str) -> str | None:
    try:
        return ctx.customers.get(customer_id)["name"]
    except Missing:
        return None


def _nobody(request: Request) -> Response:
    return Response({"message": f"No visits of {request.params['customer_id']}."}, status=404)
