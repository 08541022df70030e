"""The service request: the mapped class is the entity."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from rising_bsm.business.entity import Entity, Noun


class ServiceRequest(Entity):
    """Something that somebody asked the business for. It may have led to a customer and to an appointment.

    Both links are let go of when what they lead to is deleted.
    """

    __tablename__ = "requests"
    noun: ClassVar = Noun("requests", "request", "service request")

    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40))
    service: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"), index=True)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointments.id", ondelete="SET NULL"), index=True)
    search_text: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "created_at", "id"), Index(None, "updated_at", "id"))

    def change(self, values: dict[str, Any]) -> None:
        """Takes over values that a schema has accepted; what is found by search follows them."""
        super().change(values)
        searched = (self.name, self.email, self.phone, self.service, self.message)
        self.search_text = "\n".join(searched).casefold()

    def as_draft(self) -> dict[str, Any]:
        """What people may write, as it stands, as JSON."""
        texts = ("name", "email", "phone", "service", "message", "source", "status")
        links = {name: getattr(self, name) for name in ("assignee_id", "customer_id", "appointment_id")}
        return {name: getattr(self, name) for name in texts} | {
            name: str(value) if value else None for name, value in links.items()
        }
