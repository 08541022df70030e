"""Licences as administrators see and handle them."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool, StrictStr

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.accounts.validation import Input
from rising_bsm.db import Database
from rising_bsm.licensing import Licensed
from rising_bsm.plugins.licences.errors import NotHeld
from rising_bsm.plugins.licences.held import HeldLicences


class Activation(Input):
    """The licence `key`, which may be left out to activate again what is held; `move` takes it from another instance
    if all its seats are taken."""

    refusal: ClassVar[str] = "license.invalid_activation"

    key: Annotated[StrictStr, Field(max_length=100)] | None = None
    move: StrictBool = False


class LicenceDesk:
    """The licences of one running application. Every method raises PermissionDenied unless the actor has
    `plugins.manage`, and what the marketplace refuses or raises when it cannot be reached."""

    def __init__(self, database: Database, held: HeldLicences) -> None:
        self._database = database
        self._held = held

    async def list(self, actor: Actor) -> list[dict[str, Any]]:
        """Every licence that is held, by plugin, and how it stands; of its key, the last group."""
        actor.require("plugins.manage")
        return [licensed.as_dict() | {"key_hint": hint} for licensed, hint in await self._held.all()]

    async def get(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """The licence for one plugin; raises NotHeld."""
        for one in await self.list(actor):
            if one["plugin"] == plugin_id:
                return one
        raise NotHeld(plugin_id)

    async def activate(self, actor: Actor, plugin_id: str, draft: object) -> dict[str, Any]:
        """Binds the licence of a key to this instance. Raises what `HeldLicences.activate` raises."""
        actor.require("plugins.manage")
        accepted = Activation.of({} if draft is None else draft)
        licensed = await self._held.activate(plugin_id, accepted.key, move=accepted.move)
        return await self._done(actor, "licenses.activate", licensed)

    async def trial(self, actor: Actor, plugin_id: str) -> dict[str, Any]:
        """Begins the trial of a plugin. Raises what `HeldLicences.trial` raises."""
        actor.require("plugins.manage")
        return await self._done(actor, "licenses.trial", await self._held.trial(plugin_id))

    async def release(self, actor: Actor, plugin_id: str) -> None:
        """Gives the seat back, so that the licence can be used elsewhere. Raises what `HeldLicences.release` raises."""
        actor.require("plugins.manage")
        await self._held.release(plugin_id)
        async with self._database.transaction() as session:
            record(session, actor, "licenses.release", "plugin", plugin_id, {})

    async def renew(self, actor: Actor) -> Sequence[dict[str, Any]]:
        """A heartbeat now, instead of within the hour; every licence afterwards."""
        actor.require("plugins.manage")
        await self._held.beat()
        return await self.list(actor)

    async def _done(self, actor: Actor, action: str, licensed: Licensed) -> dict[str, Any]:
        licence = licensed.licence
        async with self._database.transaction() as session:
            detail = {"license": str(licence.id), "type": licence.type.value}
            record(session, actor, action, "plugin", licence.plugin, detail)
        return await self.get(actor, licence.plugin)
