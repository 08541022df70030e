"""What every entity has below its own address: notes, and what was done with it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import ActivityLog
from rising_bsm.business.entity import Entity
from rising_bsm.business.notes import NoteDraft, NoteQuery
from rising_bsm.business.notes.service import Notes
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.routes.activity import ActivityQuery
from rising_bsm.web.routes.bodies import described
from rising_bsm.web.routes.queries import asked
from rising_bsm.web.turns import READS


def about(kind: type[Entity]) -> list[HTTPRouteHandler]:
    """The handlers for one kind of entity."""
    return [*_notes(kind), _activity(kind)]


def _notes(kind: type[Entity]) -> list[HTTPRouteHandler]:
    @get("/{entity_id:uuid}/notes", opt={READS: True}, operation_class=asked(NoteQuery))
    async def list_notes(request: StrictRequest, entity_id: UUID, actor: Actor, notes: Notes) -> dict[str, Any]:
        """Its notes, the newest first; `next` of an answer is the `before` of the page after it."""
        return (await notes.list(actor, kind, entity_id, NoteQuery.of(dict(request.query_params)))).as_dict()

    @post("/{entity_id:uuid}/notes")
    async def add_note(
        entity_id: UUID, data: Annotated[Any, described(NoteDraft)], actor: Actor, notes: Notes
    ) -> dict[str, Any]:
        """Leaves a note. Needs `notes.create`."""
        return (await notes.add(actor, kind, entity_id, data)).as_dict()

    @delete("/{entity_id:uuid}/notes/{note_id:uuid}")
    async def remove_note(entity_id: UUID, note_id: UUID, actor: Actor, notes: Notes) -> None:
        """Removes one's own note, or with `notes.delete` any."""
        await notes.remove(actor, kind, entity_id, note_id)

    return [list_notes, add_note, remove_note]


def _activity(kind: type[Entity]) -> HTTPRouteHandler:
    @get("/{entity_id:uuid}/activity", opt={READS: True}, operation_class=asked(ActivityQuery))
    async def list_activity_of(
        request: StrictRequest, entity_id: UUID, actor: Actor, activity: ActivityLog
    ) -> dict[str, Any]:
        """What was done with it, the newest first, also after it was deleted. Needs `activity.read` besides reading."""
        actor.require(f"{kind.noun.plural}.read")
        query = ActivityQuery.of(dict(request.query_params))
        about = (kind.noun.singular, str(entity_id))
        return (await activity.list(actor, limit=query.limit, before=query.before, about=about)).as_dict()

    return list_activity_of
