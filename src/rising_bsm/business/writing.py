"""What every change of an entity goes through: hooks beforehand, then row, activity and event in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from rising_bsm.accounts.activity import record
from rising_bsm.accounts.actor import Actor
from rising_bsm.accounts.users import User
from rising_bsm.accounts.validation import wrong_field
from rising_bsm.business.entity import AnEntity, Entity, Noun
from rising_bsm.business.fields import Draft
from rising_bsm.business.notes.model import Note
from rising_bsm.db import Base, Database
from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import Event, HookPoints

ADraft = TypeVar("ADraft", bound=Draft)
Referred = tuple[type[Base], UUID | None]


async def stored(
    database: Database, kind: type[AnEntity], entity_id: UUID, expected_version: int | None = None
) -> AnEntity:
    """The entity with this id; raises NotFound, and Conflict when it has another version than the expected one."""
    async with database.reading() as session:
        entity = await session.get(kind, entity_id)
    if entity is None:
        raise kind.noun.not_found(entity_id)
    if expected_version not in (None, entity.version):
        raise kind.noun.changed_meanwhile(entity_id)
    return entity


def changed(draft: type[ADraft], entity: Entity, changes: object) -> ADraft:
    """The entity as it would be with these changes of some fields; raises InvalidInput."""
    return draft.of(entity.as_draft() | changes if isinstance(changes, dict) else changes)


async def past_hooks(
    hooks: HookPoints, noun: Noun, verb: str, proposed: ADraft, current: dict[str, Any] | None, actor: Actor
) -> ADraft:
    """What the hooks leave of the draft, checked again: they are as little trusted as whoever sent it.

    No transaction may be open. Raises what a hook raises, and InvalidInput for what cannot be stored.
    """
    point = f"{noun.plural}.{verb}"
    given = proposed.as_json()
    answer = await hooks.run_before(point, given, current, actor)
    if answer == given:
        return proposed
    try:
        return type(proposed).of(answer)
    except InvalidInput as error:
        message = f"What the plugins on {point} made of the {noun.spoken} cannot be stored. {error.message}"
        step = "An administrator can deactivate the plugin; its author must correct it."
        code = f"{noun.plural}.invalid_after_hooks"
        raise InvalidInput(message, fields=error.fields, code=code, place=error.place, next_step=step) from None


async def create(session: AsyncSession, hooks: HookPoints, entity: Entity, actor: Actor) -> None:
    """Adds the entity, the note that it was, and the event, to the transaction of `session`."""
    session.add(entity)
    given = sorted(name for name, value in entity.as_draft().items() if value)
    await _done(session, hooks, "create", entity, None, {"fields": given}, actor)


async def update(
    session: AsyncSession,
    hooks: HookPoints,
    entity: Entity,
    changes: dict[str, Any],
    before: dict[str, Any],
    actor: Actor,
) -> None:
    """Changes the entity, which was `before`, with note and event in the transaction of `session`.

    StaleDataError if somebody else changed it since it was read: see `unless_changed`.
    """
    session.add(entity)
    entity.change(changes)
    await _done(session, hooks, "update", entity, before, {"fields": sorted(changes)}, actor)


async def remove(
    database: Database, hooks: HookPoints, kind: type[Entity], entity_id: UUID, version: int | None, actor: Actor
) -> None:
    """Removes the entity and the notes on it, in a transaction of its own, unless a hook refuses.

    What hooks return is of no effect. Raises NotFound, and Conflict when it is not of this version, or not any more.
    """
    entity = await stored(database, kind, entity_id, version)
    await hooks.run_before(f"{kind.noun.plural}.delete", entity.as_draft(), entity.as_dict(), actor)
    with unless_changed(kind.noun, entity_id):
        async with database.transaction() as session:
            await _remove(session, hooks, entity, actor)


async def _remove(session: AsyncSession, hooks: HookPoints, entity: Entity, actor: Actor) -> None:
    before = entity.as_dict()
    await session.delete(entity)
    await session.execute(delete(Note).where(Note.entity == entity.noun.singular, Note.entity_id == entity.id))
    await _done(session, hooks, "delete", entity, before, {}, actor)


async def _done(
    session: AsyncSession,
    hooks: HookPoints,
    verb: str,
    entity: Entity,
    before: dict[str, Any] | None,
    detail: dict[str, Any],
    actor: Actor,
) -> None:
    point = f"{entity.noun.plural}.{verb}"
    record(session, actor, point, entity.noun.singular, entity.id, detail)
    # Written first: version and times of the entity are those that are stored.
    await session.flush()
    after = None if verb == "delete" else entity.as_dict()
    await hooks.run_after(session, Event(point, str(entity.id), before, after, actor))


@contextmanager
def unless_changed(noun: Noun, entity_id: UUID) -> Iterator[None]:
    """Around a transaction: raises Conflict when somebody else changed the entity since it was read."""
    try:
        yield
    except StaleDataError:
        raise noun.changed_meanwhile(entity_id) from None


async def refer(session: AsyncSession, references: Mapping[str, Referred], *, code: str) -> None:
    """Sees that what fields refer to is there, and stays until the transaction ends; raises InvalidInput otherwise.

    A user must be active, too.
    """
    for name, (kind, referred_id) in references.items():
        if referred_id is None:
            continue
        found = await session.get(kind, referred_id, with_for_update={"read": True, "key_share": True})
        if found is None or (isinstance(found, User) and not found.active):
            raise wrong_field(name, "There is nothing with this id, or it is not active.", code=code)
