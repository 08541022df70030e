"""What permissions mean here: a sentence for each, with the numbers of this database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rising_bsm.accounts import PERMISSIONS
from rising_bsm.plugins.reach import Reach
from rising_bsm.web.i18n import as_number, gettext, ngettext


@dataclass(frozen=True)
class InNumbers:
    """What somebody with a permission can do here; `risk` is `reads`, `changes`, `deletes` or `opens`."""

    sentence: str
    risk: str


def permission_in_numbers(code: str, reach: Reach) -> InNumbers:
    """What this permission means where there is so much; what is unknown here is named by its code."""
    sentence = _SENTENCES.get(code)
    text = sentence(reach) if sentence else gettext(PERMISSIONS.get(code, code))
    return InNumbers(text, _RISKS.get(code) or _RISK_OF_VERB.get(code.rpartition(".")[2], "changes"))


_RISK_OF_VERB = {"read": "reads", "create": "changes", "update": "changes", "delete": "deletes"}
_RISKS = {"routes.public": "opens"}


def _n(text: str, number: int) -> str:
    return text.replace("%(n)s", as_number(number))


def _customers(reach: Reach) -> str:
    n, phone = reach.customers, reach.reachable_customers
    text = ngettext(
        "Reads everything about %(n)s customer: name, e-mail, address, phone and notes.",
        "Reads everything about %(n)s customers: names, e-mail, addresses, phones and notes.",
        n,
    )
    more = ngettext("%(n)s phone number is among it.", "%(n)s phone numbers are among it.", phone)
    return f"{_n(text, n)} {_n(more, phone)}" if phone else _n(text, n)


_SENTENCES: Mapping[str, Callable[[Reach], str]] = {
    "customers.read": _customers,
    "customers.create": lambda _reach: gettext("Adds customers."),
    "customers.update": lambda reach: _n(
        ngettext("Changes %(n)s customer.", "Changes any of %(n)s customers.", reach.customers), reach.customers
    ),
    "customers.delete": lambda reach: _n(
        ngettext("Deletes %(n)s customer.", "Deletes any of %(n)s customers.", reach.customers), reach.customers
    ),
    "appointments.read": lambda reach: _n(
        ngettext(
            "Reads %(n)s appointment: who, when, where and what for.",
            "Reads %(n)s appointments: who, when, where and what for.",
            reach.appointments,
        ),
        reach.appointments,
    ),
    "appointments.create": lambda _reach: gettext("Adds appointments."),
    "appointments.update": lambda reach: _n(
        ngettext("Changes %(n)s appointment.", "Changes any of %(n)s appointments.", reach.appointments),
        reach.appointments,
    ),
    "appointments.delete": lambda reach: _n(
        ngettext("Deletes %(n)s appointment.", "Deletes any of %(n)s appointments.", reach.appointments),
        reach.appointments,
    ),
    "requests.read": lambda reach: _n(
        ngettext(
            "Reads %(n)s service request, with name, e-mail and message.",
            "Reads %(n)s service requests, with names, e-mail and messages.",
            reach.requests,
        ),
        reach.requests,
    ),
    "requests.create": lambda _reach: gettext("Adds service requests."),
    "requests.update": lambda reach: _n(
        ngettext(
            "Changes %(n)s service request, and makes customers and appointments of it.",
            "Changes any of %(n)s service requests, and makes customers and appointments of them.",
            reach.requests,
        ),
        reach.requests,
    ),
    "requests.delete": lambda reach: _n(
        ngettext("Deletes %(n)s service request.", "Deletes any of %(n)s service requests.", reach.requests),
        reach.requests,
    ),
    "notes.create": lambda _reach: gettext("Writes notes on customers, appointments and requests that it may read."),
    "notes.delete": lambda reach: _n(
        ngettext("Deletes %(n)s note.", "Deletes any of %(n)s notes, whoever wrote them.", reach.notes), reach.notes
    ),
    "notifications.read": lambda _reach: gettext("Reads the notifications of whoever uses it."),
    "notifications.send": lambda reach: _n(
        ngettext("Sends notifications to %(n)s person.", "Sends notifications to any of %(n)s people.", reach.people),
        reach.people,
    ),
    "routes.public": lambda _reach: gettext("Answers anybody on the Internet, also those who are not signed in."),
    "users.read": lambda reach: _n(
        ngettext(
            "Reads name, role and e-mail address of %(n)s colleague.",
            "Reads names, roles and e-mail addresses of %(n)s colleagues.",
            reach.people,
        ),
        reach.people,
    ),
    "activity.read": lambda reach: _n(
        ngettext(
            "Reads who did what: %(n)s entry of the activity log.",
            "Reads who did what: %(n)s entries of the activity log.",
            reach.entries,
        ),
        reach.entries,
    ),
    "metrics.read": lambda _reach: gettext("Reads how this instance runs, in numbers."),
}
