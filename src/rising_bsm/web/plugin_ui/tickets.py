"""What buttons and forms of plugins carry: what was offered to whom, so that nothing else can be asked for."""

import base64
import binascii
import hmac
import time
import zlib
from dataclasses import dataclass
from typing import Any

import msgspec

from rising_bsm.errors import InvalidInput
from rising_bsm.runtime.ui.fields import Form

SECONDS = 12 * 3600
"""How long what was offered can be taken up."""

_CHARACTERS, _SIGNATURE = 200_000, 32


class Ticket(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One button or form as `user` was shown it: the `action` it calls and with what, and where it stands.

    `element` is the id of its element, `form` what may be entered.
    """

    user: str
    plugin: str
    component: str
    action: str
    values: dict[str, Any]
    entity: str | None
    query: dict[str, str]
    state: dict[str, Any]
    element: str
    form: Form | None = None
    at: float = 0.0


class TicketRefused(InvalidInput):
    """What came is not what was offered to this person, or too long ago."""

    code = "ui.ticket_refused"


@dataclass(frozen=True)
class Tickets:
    """Makes tickets and opens them again, with a key that is made of the instance's `secret`."""

    secret: bytes

    def seal(self, ticket: Ticket) -> str:
        """The ticket as a text that only this instance can make."""
        packed = zlib.compress(msgspec.json.encode(msgspec.structs.replace(ticket, at=time.time())), 1)
        return base64.urlsafe_b64encode(self._sign(packed) + packed).decode()

    def open(self, text: str, user: str, plugin: str, action: str) -> Ticket:
        """What was offered to this user, by this plugin, for this action. Raises TicketRefused."""
        # (1) we have made it
        packed = self._checked(text)
        ticket = msgspec.json.decode(zlib.decompress(packed), type=Ticket)
        # (2) for this person, and what it is used for
        if (ticket.user, ticket.plugin, ticket.action) != (user, plugin, action):
            raise _refused("This was offered to somebody else, or for something else.")
        # (3) not long ago
        if not 0 <= time.time() - ticket.at + 60 <= SECONDS + 60:
            raise _refused("This page is too old.")
        return ticket

    def _checked(self, text: str) -> bytes:
        try:
            raw = base64.b64decode(text[:_CHARACTERS].encode("ascii"), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise _refused("This was not offered here.") from None
        signature, packed = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(packed)):
            raise _refused("This was not offered here.")
        return packed

    def _sign(self, packed: bytes) -> bytes:
        key = hmac.digest(self.secret, b"tickets of plugin components", "sha256")
        return hmac.digest(key, packed, "sha256")


def _refused(message: str) -> TicketRefused:
    return TicketRefused(message, place="ticket", next_step="Load the page again, and try once more.")
