"""From an e-mail address to a company, and from a company to the fields of a customer."""

import re
from collections.abc import Mapping
from typing import Any

PRIVATE = frozenset({"gmail.com", "googlemail.com", "gmx.de", "icloud.com", "outlook.com", "web.de", "yahoo.com"})
FIELDS = {"name": "company", "street": "address", "postal_code": "postal_code", "city": "city", "country": "country"}
LONGEST = 100
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def domain_of(email: str) -> str | None:
    """The domain of an address that belongs to a company, None for private mail and what cannot be asked for."""
    domain = email.rpartition("@")[2].lower()
    return domain if _DOMAIN.fullmatch(domain) and domain not in PRIVATE else None


def as_customer(company: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a lead; what the register says is a stranger's, so only texts are taken, and not too long ones."""
    known = {ours: company.get(theirs) for theirs, ours in FIELDS.items()}
    texts = {name: text.strip()[:LONGEST] for name, text in known.items() if isinstance(text, str)}
    return texts | {"type": "business", "status": "lead", "tags": ["register"]}
