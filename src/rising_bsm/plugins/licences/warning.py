"""Telling administrators that a licence is in trouble."""

from rising_bsm.accounts import SYSTEM
from rising_bsm.accounts.permissions import Role
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.licensing import LicenceState, Licensed


class Warner:
    """Notifies every administrator of a licence that is in grace or worse."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    async def __call__(self, licensed: Licensed) -> None:
        """Says what it means, and what can be done."""
        plugin_id, standing = licensed.licence.plugin, licensed.standing
        text = [standing.sentence, *standing.warnings, f"See `rising-bsm license show {plugin_id}`."]
        draft = NotificationDraft(
            role=Role.ADMIN,
            title=f"The licence for {plugin_id} needs you"[:120],
            message=" ".join(text),
            level="warning" if standing.state is LicenceState.GRACE else "error",
        )
        await self._notifications.send(SYSTEM, draft)
