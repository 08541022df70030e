"""The customer: the mapped class is the entity."""

from operator import attrgetter
from typing import Any, ClassVar

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.business.entity import Entity, Noun
from rising_bsm.db import Json

FIELDS = (
    *("name", "email", "company", "phone", "address", "postal_code", "city", "country"),
    *("type", "status", "newsletter", "tags", "notes"),
)
"""What people may write, in the order it is shown in."""
_values_of = attrgetter(*FIELDS)


class Customer(Entity):
    """Somebody the business serves. `version` counts the changes; `email` is unique and in lower case."""

    __tablename__ = "customers"
    noun: ClassVar = Noun("customers", "customer", "customer")

    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    company: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    type: Mapped[str] = mapped_column(String(20), default="private")
    status: Mapped[str] = mapped_column(String(20), default="active")
    newsletter: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    notes: Mapped[str] = mapped_column(Text, default="")
    sort_name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "sort_name", "id"), Index(None, "created_at", "id"), Index(None, "updated_at", "id"))

    def change(self, values: dict[str, Any]) -> None:
        """Takes over values that a schema has accepted; what is found by search follows them."""
        super().change(values)
        # Not every database knows capital letters beyond ASCII, so what is compared without case is folded here.
        self.sort_name = self.name.casefold()[:200]
        searched = (self.name, self.email, self.company, self.phone, self.city)
        self.search_text = "\n".join(text or "" for text in searched).casefold()

    def as_draft(self) -> dict[str, Any]:
        """What people may write, as it stands, as JSON."""
        draft = dict(zip(FIELDS, _values_of(self), strict=True))
        draft["tags"] = list(self.tags)
        return draft
