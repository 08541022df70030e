"""What the page of every entity has: notes, and what was done with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from rising_bsm.accounts import Actor
from rising_bsm.business.entity import Entity
from rising_bsm.business.notes import Note, NoteQuery
from rising_bsm.business.notes.service import NotePage, Notes, may_remove
from rising_bsm.errors import InvalidInput
from rising_bsm.web.i18n import gettext as _
from rising_bsm.web.pages.deeds import Deed
from rising_bsm.web.pages.forms import Form, filters_of
from rising_bsm.web.pages.page import page, redirect
from rising_bsm.web.requests import StrictRequest
from rising_bsm.web.services import Services
from rising_bsm.web.turns import READS

_NOTES, _DEEDS = NoteQuery(limit=10), 10


@dataclass(frozen=True)
class About:
    """What `about/notes.html` and `about/activity.html` show of the entity whose page is at `address`.

    `activity` is None for those who may not see it.
    """

    actor: Actor
    address: str
    singular: str
    entity_id: UUID
    notes: NotePage
    activity: tuple[Deed, ...] | None = None

    @property
    def may_write(self) -> bool:
        """Whether whoever looks may leave a note."""
        return self.actor.may("notes.create")

    def may_remove(self, note: Note) -> bool:
        """Whether whoever looks may remove this note."""
        return may_remove(self.actor, note)


async def about_of(request: StrictRequest, entity: Entity) -> About:
    """The newest of both for the page of this entity; templates know it as `about`."""
    services: Services = request.app.state.services
    actor, kind = request.user, type(entity)
    notes = await services.notes.list(actor, kind, entity.id, _NOTES)
    deeds = None
    if actor.may("activity.read"):
        about = (entity.noun.singular, str(entity.id))
        deeds = tuple(map(Deed, (await services.activity.list(actor, limit=_DEEDS, about=about)).items))
    return About(actor, address_of(kind, entity.id), entity.noun.singular, entity.id, notes, deeds)


def address_of(kind: type[Entity], entity_id: UUID) -> str:
    """Where the page of an entity is."""
    return f"/{kind.noun.plural}/{entity_id}"


def about_routes(kind: type[Entity]) -> list[HTTPRouteHandler]:
    """The handlers below the page of an entity of this kind."""

    @get("/{entity_id:uuid}/notes", opt={READS: True})
    async def all_notes(request: StrictRequest, entity_id: UUID, notes: Notes) -> Response[Any]:
        """Its notes, a page at a time."""
        return await _notes_page(request, kind, entity_id, notes)

    @post("/{entity_id:uuid}/notes")
    async def add_note(request: StrictRequest, entity_id: UUID, notes: Notes) -> Response[Any]:
        """Back to the entity with the note on it, or the form again with what was wrong."""
        text = (await Form.of(request)).text("text")
        try:
            await notes.add(request.user, kind, entity_id, {"text": text})
        except InvalidInput as error:
            return await _notes_page(request, kind, entity_id, notes, error=error, text=text)
        return redirect(f"{address_of(kind, entity_id)}#notes", said=_("The note is there."))

    @post("/{entity_id:uuid}/notes/{note_id:uuid}/delete")
    async def remove_note(request: StrictRequest, entity_id: UUID, note_id: UUID, notes: Notes) -> Response[Any]:
        """Back to the entity, without the note."""
        await notes.remove(request.user, kind, entity_id, note_id)
        return redirect(f"{address_of(kind, entity_id)}#notes", said=_("The note is deleted."))

    return [all_notes, add_note, remove_note]


async def _notes_page(
    request: StrictRequest, kind: type[Entity], entity_id: UUID, notes: Notes, **context: Any
) -> Response[Any]:
    query = NoteQuery.of({"limit": 50} | filters_of(request, ("before",)))
    found = await notes.list(request.user, kind, entity_id, query)
    about = About(request.user, address_of(kind, entity_id), kind.noun.singular, entity_id, found)
    return page(request, "about/notes_page.html", about=about, **context)
