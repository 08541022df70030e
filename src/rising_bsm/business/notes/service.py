"""What the business does with notes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts.activity import record
from rising_bsm.accounts.actor import Actor
from rising_bsm.business.entity import Entity
from rising_bsm.business.notes.model import Note
from rising_bsm.business.notes.schema import NoteDraft, NoteQuery
from rising_bsm.db import Database, uuid7
from rising_bsm.errors import NotFound

_NEWEST = NoteQuery()


@dataclass(frozen=True)
class NotePage:
    """Some notes, the newest first; `next` is the `before` of the page after it, None on the last."""

    items: list[Note]
    next: UUID | None

    def as_dict(self) -> dict[str, Any]:
        """The page as JSON."""
        return {"items": [note.as_dict() for note in self.items], "next": str(self.next) if self.next else None}


class Notes:
    """The notes on entities in `database`. Who may not see an entity does not see its notes either."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, actor: Actor, kind: type[Entity], entity_id: UUID, query: NoteQuery = _NEWEST) -> NotePage:
        """The notes on an entity. Needs the right to read the entity; raises NotFound."""
        actor.require(f"{kind.noun.plural}.read")
        wanted = select(Note).where(Note.entity == kind.noun.singular, Note.entity_id == entity_id)
        if query.before is not None:
            wanted = wanted.where(Note.id < query.before)
        async with self._database.reading() as session:
            if await session.get(kind, entity_id) is None:
                raise kind.noun.not_found(entity_id)
            notes = (await session.scalars(wanted.order_by(Note.id.desc()).limit(query.limit + 1))).all()
        items = [*notes[: query.limit]]
        return NotePage(items, items[-1].id if len(notes) > query.limit else None)

    async def add(self, actor: Actor, kind: type[Entity], entity_id: UUID, draft: dict[str, Any]) -> Note:
        """Adds a note. Needs `notes.create` and the right to read the entity; raises NotFound, InvalidInput."""
        actor.require(f"{kind.noun.plural}.read")
        actor.require("notes.create")
        text = NoteDraft.of(draft).text
        author = {"author_id": actor.user_id, "author_name": actor.name, "plugin": actor.plugin}
        note = Note(id=uuid7(), entity=kind.noun.singular, entity_id=entity_id, text=text, **author)
        async with self._database.transaction() as session:
            # Kept until the note is there: nobody removes the entity and leaves the note.
            if await session.get(kind, entity_id, with_for_update={"read": True, "key_share": True}) is None:
                raise kind.noun.not_found(entity_id)
            session.add(note)
            record(session, actor, "notes.create", kind.noun.singular, entity_id, {"note": str(note.id)})
        return note

    async def remove(self, actor: Actor, kind: type[Entity], entity_id: UUID, note_id: UUID) -> None:
        """Removes one's own note, or with `notes.delete` any. Needs the right to read the entity; raises NotFound."""
        actor.require(f"{kind.noun.plural}.read")
        async with self._database.transaction() as session:
            note = await self._of(session, kind, entity_id, note_id)
            if not may_remove(actor, note):
                actor.require("notes.delete")
            await session.delete(note)
            record(session, actor, "notes.delete", kind.noun.singular, entity_id, {"note": str(note_id)})

    async def _of(self, session: AsyncSession, kind: type[Entity], entity_id: UUID, note_id: UUID) -> Note:
        note = await session.get(Note, note_id, with_for_update=True)
        if note is None or (note.entity, note.entity_id) != (kind.noun.singular, entity_id):
            raise NotFound("There is no note with this id here.", code="notes.not_found", place=str(note_id))
        return note


def may_remove(actor: Actor, note: Note) -> bool:
    """Whether the note is the actor's own, or they may delete those of others."""
    own = actor.user_id is not None and (note.author_id, note.plugin) == (actor.user_id, actor.plugin)
    return own or actor.may("notes.delete")
