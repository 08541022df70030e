"""What is done to the demo data so that a hook runs or an event happens."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from rising_bsm.accounts import PERMISSIONS, Actor
from rising_bsm.db import iso, now, uuid7
from rising_bsm.errors import InvalidInput
from rising_bsm.hooks import Event, HookPoints
from rising_bsm.runtime import Business

AUTHOR = Actor(user_id=None, name="the author", permissions=frozenset(PERMISSIONS))

_PERSON = {"name": "Nora  Newcomer", "email": "nora.newcomer@home.example"}
_SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "customers": {**_PERSON, "city": "Lyon", "country": "FR"},
    "appointments": {"title": "First talk", "duration_minutes": 45},
    "requests": {**_PERSON, "service": "Heating", "message": "It does not get warm.", "source": "website"},
}
_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "customers": {"phone": "+33 4 72 00 00 01"},
    "appointments": {"location": "At the customer's"},
    "requests": {"status": "in_progress"},
}


class Deeds:
    """The author's, who may do everything. `hooks` are those of `business`."""

    def __init__(self, business: Business, hooks: HookPoints) -> None:
        self._business = business
        self._hooks = hooks

    async def write(self, point: str, payload: Any) -> Any:
        """Does `customers.create`, or any other that there are hooks for: the entity then, None for one deleted.

        Without a payload something new is made up. "id" in the payload chooses what is changed or deleted; without, it
        is the first that the business lists. Raises what the service raises, and InvalidInput (`call.bad_payload`).
        """
        noun, _, verb = point.partition(".")
        service = getattr(self._business, noun)
        if verb == "create":
            return (await service.create(AUTHOR, _sample(noun) if payload is None else payload)).as_draft()
        entity_id, changes = await self._chosen(noun, payload)
        if verb == "delete":
            return await service.delete(AUTHOR, entity_id)
        return (await service.update(AUTHOR, entity_id, changes)).as_draft()

    async def event(self, name: str, payload: Any) -> Event:
        """Does what leads to the host's event `name`, with a payload as `write` takes it; the event.

        Without a payload, what exists is changed in some way. Raises what `write` raises.
        """
        happened: list[Event] = []

        async def note(_session: Any, event: Event) -> None:
            happened.extend([event] if event.name == name else [])

        registration = self._hooks.after(note)
        try:
            await self._lead_to(name, payload)
        finally:
            registration.remove()
        if not happened:
            raise _bad_payload("This changes nothing, so there is no event.", "Leave it out, or change something.")
        return happened[0]

    async def _lead_to(self, name: str, payload: Any) -> None:
        noun, _, verb = name.partition(".")
        if name == "user.logged_in":
            # There are no people in the demo data.
            user = {"id": str(uuid7()), "name": AUTHOR.name} if payload is None else payload
            if not isinstance(user, dict) or not isinstance(user.get("id"), str):
                raise _bad_payload("This is no user.", 'Leave it out, or write {"id": "...", "name": "..."}.')
            await self._hooks.run_after(None, Event(name, user["id"], None, user, AUTHOR))
        elif name == "appointment.status_changed":
            await self.write("appointments.update", await self._other_status() if payload is None else payload)
        elif name == "request.converted":
            request_id, into = await self._chosen("requests", payload, lambda request: request.status == "new")
            await self._business.requests.convert(AUTHOR, request_id, {"customer": {}} if into == {} else into)
        else:
            await self.write(name, dict(_CHANGES[noun]) if verb == "update" and payload is None else payload)

    async def _other_status(self) -> dict[str, str]:
        first = (await self._business.appointments.list(AUTHOR)).items[0]
        return {"status": "cancelled" if first.status == "completed" else "completed"}

    async def _chosen(
        self, noun: str, payload: Any, fits: Callable[[Any], bool] = lambda _entity: True
    ) -> tuple[UUID, Any]:
        """The entity that the payload chooses, else the first that fits, and the payload without that."""
        changes = {} if payload is None else dict(payload) if isinstance(payload, dict) else payload
        entity_id = changes.pop("id", None) if isinstance(changes, dict) else None
        if entity_id is None:
            page = await getattr(self._business, noun).list(AUTHOR)
            return next(entity.id for entity in page.items if fits(entity)), changes
        try:
            return UUID(str(entity_id)), changes
        except ValueError:
            raise _bad_payload("This is no id.", "Leave it out, or take one that the host gives.", "id") from None


def _sample(noun: str) -> dict[str, Any]:
    when = {"starts_at": iso(now() + timedelta(days=1))} if noun == "appointments" else {}
    return {**_SAMPLES[noun], **when}


def _bad_payload(message: str, step: str, place: str = "--payload") -> InvalidInput:
    return InvalidInput(message, code="call.bad_payload", place=place, next_step=step)
