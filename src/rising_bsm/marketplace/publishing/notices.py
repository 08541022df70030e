"""What whoever runs the marketplace is told unasked."""

from datetime import timedelta
from typing import Literal

from rising_bsm.accounts import SYSTEM
from rising_bsm.business.notifications import NotificationDraft, Notifications
from rising_bsm.db import Database, iso
from rising_bsm.marketplace.index.expiry import Expiry
from rising_bsm.marketplace.index.roles import Role
from rising_bsm.marketplace.index.service import Index
from rising_bsm.marketplace.submissions.rights import OPERATORS
from rising_bsm.marketplace.submissions.tables import Submission

WARNED_BEFORE = timedelta(days=14)
"""How long before part of the index is over it is said, every day."""


class Notices:
    """Notifications to everybody who runs the marketplace in `database`."""

    def __init__(self, database: Database, index: Index) -> None:
        self._notifications = Notifications(database)
        self._index = index

    async def to_review(self, submission: Submission) -> None:
        """Somebody must decide about this submission."""
        what = f"{submission.plugin_id} {submission.version}"
        found = f"The scan found {submission.count('error')} errors and {submission.count('warning')} warnings."
        who = f"{submission.submitted_by_name} has submitted {what} for {submission.publisher}."
        message = f"{who} {found} See `rising-bsm submissions show {submission.id}`."
        await self._tell(f"{what} waits for its review", message, "info")

    async def expiring(self) -> None:
        """Says which parts of the index are over soon, though they can be renewed no more by themselves."""
        soon = [one for one in await self._index.overdue() if one.days_left < WARNED_BEFORE.days]
        if soon:
            level: Literal["warning", "error"] = "error" if any(one.days_left < 2 for one in soon) else "warning"
            message = " ".join(_sentence(one) for one in soon)
            await self._tell("The index of the marketplace is over soon", message, level)

    async def _tell(self, title: str, message: str, level: Literal["info", "warning", "error"]) -> None:
        for role in OPERATORS:
            draft = NotificationDraft(role=role, title=title[:120], message=message[:2_000], level=level)
            await self._notifications.send(SYSTEM, draft)


def _sentence(one: Expiry) -> str:
    over = (
        f"What `{one.role}` signs is over on {iso(one.expires_at)}, and then no instance installs anything from here."
    )
    if one.role is Role.ROOT:
        return f"{over} Bring the root keys back with `rising-bsm index import-root`; the new root is signed by itself."
    return f"{over} The log says why it is not signed anew."
