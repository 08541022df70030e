"""demo.loyalty-points: points for completed appointments, levels for those who have many."""

from typing import Any

from rising_bsm_sdk import Context, Event, Missing, Plugin, Refuse, Request, action, after, component, route, ui

from . import showing
from .levels import level_of, tags_with
from .points import bonus_of, members_of, points_of


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

    @component("dashboard.widget", title="Loyalty", permission="customers.read", icon="star")
    def widget(self, ctx: Context, props: dict[str, Any]) -> list[ui.Node]:
        """How many members there are, and how many have which level."""
        return showing.summary(members_of(ctx), ctx.settings)

    @component("page", title="Loyalty points", permission="customers.read", icon="star")
    def members(self, ctx: Context, props: dict[str, Any]) -> ui.Page:
        """Who has how many points, those with the most first."""
        return showing.page(ctx, members_of(ctx), props["query"])

    @component("customer.detail", title="Points", permission="customers.read", icon="star")
    def panel(self, ctx: Context, props: dict[str, Any]) -> list[ui.Node]:
        """What a customer has, and a form to give more."""
        customer_id = props["entity_id"]
        return showing.panel(points_of(ctx, customer_id), customer_id, ctx.settings, self.give)

    @action
    def give(self, ctx: Context, values: dict[str, Any]) -> ui.Done:
        """Give a customer points by hand, for those who may change customers."""
        if not ctx.may("customers.update"):
            raise Refuse("Only who may change customers can give points.")
        customer = ctx.customers.get(values["customer"])
        ctx.storage.increment(bonus_of(customer["id"]), values["points"])
        self._mark(ctx, customer["id"])
        return ui.Done(f"{customer['name']} has {points_of(ctx, customer['id'])} points.")

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
