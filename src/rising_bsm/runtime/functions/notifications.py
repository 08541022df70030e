"""What people are told."""

from typing import Any, ClassVar

from pydantic import ConfigDict

from rising_bsm.accounts import Actor
from rising_bsm.business.notifications import NotificationDraft, NotificationQuery
from rising_bsm.runtime.functions.arguments import Arguments, Id
from rising_bsm.runtime.functions.results import IdText, Moment, Result
from rising_bsm.runtime.services import HostServices

PER_CALL = 20
"""How many notifications one call of a plugin may send."""


class New(NotificationDraft):
    """A notification to one user or to a role."""

    refusal: ClassVar[str] = Arguments.refusal

    user_id: Id | None = None


class Mine(NotificationQuery):
    """Which of them, the newest first."""

    model_config = ConfigDict(strict=True)
    refusal: ClassVar[str] = Arguments.refusal


class Sent(Result):
    """A notification; `plugin` is the plugin that sent it, if one did."""

    model_config = ConfigDict(title="Notification")

    id: IdText
    user_id: IdText | None
    role: str | None
    level: str
    title: str
    message: str
    link: str
    sender: str
    plugin: str | None
    at: Moment


class Received(Sent):
    """A notification as one of those it reaches sees it."""

    model_config = ConfigDict(title="Received notification")

    read: bool


class Inbox(Result):
    """Some of somebody's notifications; `total` counts all that match, `unread` all that are unread."""

    model_config = ConfigDict(title="Inbox")

    items: list[Received]
    total: int
    unread: int
    limit: int
    offset: int


async def send(host: HostServices, actor: Actor, draft: New) -> Any:
    """Tell one user, or everybody of a role."""
    return (await host.business.notifications.send(actor, draft)).as_dict()


async def inbox(host: HostServices, actor: Actor, query: Mine) -> Any:
    """One page of the notifications of the user it acts for; none when it acts for nobody."""
    return (await host.business.notifications.list(actor, query)).as_dict()
