"""Entries of the activity log as sentences: what was done, to what, and where that is."""

from collections.abc import Mapping
from dataclasses import dataclass

from rising_bsm.accounts import Activity
from rising_bsm.web.i18n import no_translation as _

ENTITIES: Mapping[str, tuple[str, str]] = {
    "customer": (_("Customer"), "/customers/"),
    "appointment": (_("Appointment"), "/appointments/"),
    "request": (_("Request"), "/requests/"),
    "user": (_("Person"), "/people/"),
    "notification": (_("Notification"), ""),
    "token": (_("Access token"), ""),
    "plugin": (_("Plugin"), "/plugins/"),
    "key": (_("Publisher's key"), ""),
    "license": (_("Licence"), ""),
    "publisher": (_("Publisher"), ""),
    "submission": (_("Submission"), "/operating/submissions/"),
    "plugin_version": (_("Version of a plugin"), ""),
    "review": (_("Review of a plugin"), ""),
    "index_key": (_("Key of the index"), ""),
}
"""What the log is about: what people call it, and where its page is, if it has one."""

_SPEAKING = ("plugin", "publisher", "plugin_version")
"""What has ids that people know things by."""

DONE: Mapping[str, str] = {
    "customers.create": _("added the customer"),
    "customers.update": _("changed the customer"),
    "customers.delete": _("deleted the customer"),
    "appointments.create": _("added the appointment"),
    "appointments.update": _("changed the appointment"),
    "appointments.delete": _("deleted the appointment"),
    "requests.create": _("added the request"),
    "requests.update": _("changed the request"),
    "requests.delete": _("deleted the request"),
    "notes.create": _("left a note"),
    "notes.delete": _("deleted a note"),
    "notifications.send": _("sent a notification"),
    "session.open": _("signed in"),
    "tokens.create": _("made an access token"),
    "tokens.revoke": _("revoked an access token"),
    "users.create": _("added the person"),
    "users.update": _("changed the person"),
    "users.password": _("set a password"),
    "keys.trust": _("trusts a publisher's key"),
    "keys.distrust": _("no longer trusts a publisher's key"),
    "plugins.install": _("installed the plugin"),
    "plugins.update": _("updated the plugin"),
    "plugins.activate": _("switched the plugin on"),
    "plugins.deactivate": _("switched the plugin off"),
    "plugins.uninstall": _("removed the plugin"),
    "plugins.rollback": _("went back to an earlier version of the plugin"),
    "plugins.grant": _("changed what the plugin may do"),
    "plugins.settings": _("changed the plugin's settings"),
}

FIELDS: Mapping[str, str] = {
    "name": _("name"),
    "email": _("e-mail address"),
    "company": _("company"),
    "phone": _("telephone"),
    "address": _("address"),
    "postal_code": _("postal code"),
    "city": _("city"),
    "country": _("country"),
    "type": _("type"),
    "status": _("status"),
    "newsletter": _("newsletter"),
    "tags": _("tags"),
    "notes": _("remarks"),
    "title": _("title"),
    "customer_id": _("customer"),
    "starts_at": _("start"),
    "time_zone": _("time zone"),
    "duration_minutes": _("duration"),
    "location": _("place"),
    "description": _("description"),
    "assignee_id": _("assignee"),
    "appointment_id": _("appointment"),
    "service": _("service"),
    "message": _("message"),
    "source": _("source"),
    "role": _("role"),
    "active": _("active"),
}


_GONE = {"customers.delete", "appointments.delete", "requests.delete", "plugins.uninstall"}


@dataclass(frozen=True)
class Deed:
    """An entry of the log, as templates show it; what it says in words is not translated yet."""

    entry: Activity

    @property
    def done(self) -> str:
        """What was done, to follow the name of who did it; the code of a deed that we have no words for."""
        return DONE.get(self.entry.action, self.entry.action)

    @property
    def fields(self) -> list[str]:
        """What a change was about, as people call it."""
        named = self.entry.detail.get("fields")
        if not self.entry.action.endswith(".update") or not isinstance(named, list):
            return []
        return [FIELDS.get(str(name), str(name)) for name in named]

    @property
    def named(self) -> str:
        """What it is about by its own name, nothing where that is a number that nobody knows."""
        return self.entry.entity_id if self.entry.entity in _SPEAKING else ""

    @property
    def where(self) -> str:
        """The page of what it is about, nothing when there is none any more or never was."""
        _label, address = ENTITIES.get(self.entry.entity, ("", ""))
        return f"{address}{self.entry.entity_id}" if address and self.entry.action not in _GONE else ""
