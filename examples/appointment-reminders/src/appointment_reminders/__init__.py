"""demo.appointment-reminders: reminds people of their appointments, some hours before."""

from datetime import datetime, timedelta
from typing import Any

from rising_bsm_sdk import Context, HostError, Plugin, schedule

OPEN = ("planned", "confirmed")
KEPT = timedelta(days=30)


class AppointmentReminders(Plugin):
    """Looks every ten minutes at what is near, and tells each person once."""

    @schedule("*/10 * * * *")
    def remind(self, ctx: Context) -> None:
        """Tell whoever the appointments of the next hours are assigned to."""
        now = ctx.time.now()
        until = now + timedelta(hours=ctx.settings["hours"])
        for status in OPEN:
            for appointment in ctx.appointments.all(
                status=status, starts_from=now.isoformat(), starts_before=until.isoformat()
            ):
                remind_once(ctx, appointment)

    @schedule("0 3 * * *")
    def forget(self, ctx: Context) -> None:
        """Forget reminders of appointments that are long over, so that the storage does not fill."""
        oldest = (ctx.time.now() - KEPT).isoformat()
        for key, starts_at in ctx.storage.list("reminded/", limit=500).items():
            if starts_at < oldest:
                ctx.storage.delete(key)


def remind_once(ctx: Context, appointment: Any) -> None:
    """Send a reminder, unless one was sent of this appointment at this time; one that was moved gets another."""
    key = f"reminded/{appointment['id']}"
    if ctx.storage.get(key) == appointment["starts_at"]:
        return
    told = {"title": appointment["title"], "message": sentence(appointment)}
    link = f"/appointments/{appointment['id']}"
    try:
        ctx.notifications.send(**told, link=link, user_id=appointment["assignee_id"], **nobody(ctx, appointment))
    except HostError as error:
        # One person who cannot be told must not keep the others from being told.
        ctx.log.warning("not reminded", appointment=appointment["id"], why=error.message)
        return
    ctx.storage.set(key, appointment["starts_at"])


def nobody(ctx: Context, appointment: Any) -> dict[str, str]:
    """The role to tell instead of an assignee."""
    return {} if appointment["assignee_id"] else {"role": ctx.settings["nobody"]}


def sentence(appointment: Any) -> str:
    """When and where, by the clocks at the place of the appointment."""
    start = datetime.fromisoformat(appointment["local_start"])
    where = f", {appointment['location']}" if appointment["location"] else ""
    return f"{start:%A, %d %B %Y, %H:%M}{where}"
