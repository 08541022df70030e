"""What customers have, in words."""

from collections.abc import Mapping
from typing import Any

from babel import Locale

from rising_bsm.business.countries import COUNTRY_CODES
from rising_bsm.web.i18n import gettext, preferences
from rising_bsm.web.i18n import no_translation as _

STATUSES: Mapping[str, str] = {"active": _("Active"), "lead": _("Lead"), "inactive": _("Inactive")}
COLOURS: Mapping[str, str] = {"active": "green", "lead": "blue", "inactive": "secondary"}
TYPES: Mapping[str, str] = {"private": _("Private"), "business": _("Business")}


def statuses() -> list[tuple[str, str]]:
    """Every status with its name."""
    return [(code, gettext(name)) for code, name in STATUSES.items()]


def types() -> list[tuple[str, str]]:
    """Every type with its name."""
    return [(code, gettext(name)) for code, name in TYPES.items()]


def countries() -> list[tuple[str, str]]:
    """Every country by its name in the present language."""
    return sorted(((code, country(code)) for code in COUNTRY_CODES), key=lambda found: found[1].casefold())


def country(code: str) -> str:
    """The country's name in the present language, its code where it has none there."""
    return str(Locale.parse(preferences().language).territories.get(code, code))


def dialled(phone: str) -> str:
    """What is dialled of a telephone number that people wrote."""
    return "".join(letter for letter in phone if letter in "+0123456789")


def shown() -> dict[str, Any]:
    """What the templates of customers speak with."""
    return {
        "statuses": statuses(),
        "types": types(),
        "countries": countries(),
        "country": country,
        "dialled": dialled,
        "status_of": {code: gettext(name) for code, name in STATUSES.items()},
        "type_of": {code: gettext(name) for code, name in TYPES.items()},
        "colour_of": COLOURS,
    }
