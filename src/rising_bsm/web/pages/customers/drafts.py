"""A customer in a form: the fields, what was typed into them, and what it is as a draft."""

import json
from typing import Any

from rising_bsm.business.customers.model import FIELDS
from rising_bsm.web.pages.forms import Form

NEW: dict[str, Any] = {"status": "active", "type": "private"}
"""What a form for a new customer begins with."""


def draft_of(form: Form) -> dict[str, Any]:
    """What was typed, as the service takes it."""
    texts = form.texts(name for name in FIELDS if name not in ("newsletter", "tags"))
    return texts | {"newsletter": form.flag("newsletter"), "tags": form.words("tags")}


def as_typed(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft as it stands in the fields of a form."""
    return draft | {"tags": ", ".join(draft.get("tags", []))}


def base_of(form: Form) -> dict[str, Any]:
    """What the form showed before anybody typed, nothing if it does not say; only who sent the form relies on it."""
    try:
        found = json.loads(form.text("base"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
