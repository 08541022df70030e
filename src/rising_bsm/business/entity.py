"""What customers, appointments and service requests share: a name, a version, and how they are shown."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from rising_bsm.db import Base, iso
from rising_bsm.errors import Conflict, NotFound

CODES = ("not_found", "changed_meanwhile", "invalid_after_hooks")
"""What comes after `plural` in the codes of errors that every entity has."""


@dataclass(frozen=True)
class Noun:
    """What an entity is called: `plural` in codes, `singular` in the activity log, `spoken` to people."""

    plural: str
    singular: str
    spoken: str

    def not_found(self, entity_id: UUID) -> NotFound:
        """The refusal for an id that belongs to none."""
        message = f"There is no {self.spoken} with this id."
        return NotFound(message, code=f"{self.plural}.not_found", place=str(entity_id))

    def changed_meanwhile(self, entity_id: UUID) -> Conflict:
        """The refusal for a change that was made for another version."""
        return Conflict(
            f"Somebody else changed or removed this {self.spoken} meanwhile.",
            code=f"{self.plural}.changed_meanwhile",
            place=str(entity_id),
            next_step=f"Read the {self.spoken} again and repeat the change.",
        )


class Entity(Base):
    """Something the business keeps; `version` counts its changes."""

    __abstract__ = True

    noun: ClassVar[Noun]

    version: Mapped[int] = mapped_column(sort_order=99)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it with the class
        return {"version_id_col": cls.version}

    def change(self, values: dict[str, Any]) -> None:
        """Takes over values that a schema has accepted."""
        for name, value in values.items():
            setattr(self, name, value)

    @abstractmethod
    def as_draft(self) -> dict[str, Any]:
        """What people may write, as it stands, as JSON."""

    def as_dict(self) -> dict[str, Any]:
        """The entity as JSON."""
        times = {"created_at": iso(self.created_at), "updated_at": iso(self.updated_at)}
        return {"id": str(self.id)} | self.as_draft() | times | {"version": self.version}


AnEntity = TypeVar("AnEntity", bound=Entity)
