"""The customer: the mapped class is the entity."""

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.db import Base, Json, iso

FIELDS = (
    *("name", "email", "company", "phone", "address", "postal_code", "city", "country"),
    *("type", "status", "newsletter", "tags", "notes"),
)
"""What people may write, in the order it is shown in."""


class Customer(Base):
    """Somebody the business serves. `version` counts the changes; `email` is unique and in lower case."""

    __tablename__ = "customers"

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
    search_text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name

    def change(self, values: dict[str, Any]) -> None:
        """Takes over values that a schema has accepted; what is found by search follows them."""
        for name, value in values.items():
            setattr(self, name, value)
        # Both databases compare without case only in ASCII, so what is searched is folded here.
        searched = (self.name, self.email, self.company, self.phone, self.city)
        self.search_text = "\n".join(text or "" for text in searched).casefold()

    def as_draft(self) -> dict[str, Any]:
        """What people may write, as it stands."""
        return {name: getattr(self, name) for name in FIELDS} | {"tags": list(self.tags)}

    def as_dict(self) -> dict[str, Any]:
        """The customer as JSON."""
        known = {"created_at": iso(self.created_at), "updated_at": iso(self.updated_at), "version": self.version}
        return {"id": str(self.id), **self.as_draft(), **known}
