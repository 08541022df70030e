"""demo.loyalty-points: points for completed appointments, levels for those who have many."""

from typing import Any

from rising_bsm_sdk import Context, Event, Missing, Plugin, Request, after, route

from .levels import level_of, tags_with


class LoyaltyPoints(Plugin):
    """Keeps the points of each appointment by itself, so an event that comes twice counts once."""

    @after("appointments.update")
    def count(self, ctx: Context, event: Event) -> None:
        """Give points for an appointment that was completed, and take them back when it is not completed any more."""
        appointment = event.after or {}
        customer_id = appointment.get("customer_id")
        if customer_id is None:
            return
        key = f"points/{customer_id}/{appointment['id']}"
        if appointment["status"] == "completed":
            ctx.storage.set(key, round(appointment["duration_minutes"] * ctx.settings["points"] / 60))
        elif not ctx.storage.delete(key):
            return
        self._mark(ctx, customer_id)

    @route("GET", "/customers/{id}", permission="customers.read")
    def points(self, ctx: Context, request: Request) -> dict[str, Any]:
        """What a customer has."""
        customer = ctx.customers.get(request.params["id"])
        points = points_of(ctx, customer["id"])
        return {"customer": customer["name"], "points": points, "level": level_of(points, ctx.settings)}

    def _mark(self, ctx: Context, customer_id: str) -> None:
        try:
            customer = ctx.customers.get(customer_id)
        except Missing:
            return
        level = level_of(points_of(ctx, customer_id), ctx.settings)
        tags = tags_with(level, customer["tags"])
        if tags != customer["tags"]:
            ctx.customers.update(customer_id, tags=tags)
            ctx.events.emit("level_reached", {"customer_id": customer_id, "level": level})


def points_of(ctx: Context, customer_id: str) -> int:
    """The sum over all appointments of a customer."""
    return sum(ctx.storage.list(f"points/{customer_id}/", limit=1000).values())
