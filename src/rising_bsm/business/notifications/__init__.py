"""Notifications: what people are told, by each other and by plugins, and whether they have read it."""

from rising_bsm.business.notifications.model import Notification
from rising_bsm.business.notifications.queries import Inbox, Received, forget_plugin
from rising_bsm.business.notifications.schema import NotificationDraft, NotificationQuery
from rising_bsm.business.notifications.service import Notifications

__all__ = [
    "Inbox",
    "Notification",
    "NotificationDraft",
    "NotificationQuery",
    "Notifications",
    "Received",
    "forget_plugin",
]
