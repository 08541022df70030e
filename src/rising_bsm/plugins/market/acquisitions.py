"""What is being acquired from the marketplace: begun, followed, gone on with after an interruption, or undone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog

from rising_bsm.accounts import SYSTEM, Actor
from rising_bsm.errors import Conflict, Error, Failed
from rising_bsm.plugins.finish import finish
from rising_bsm.plugins.installing import AlreadyInstalled
from rising_bsm.plugins.market.acquiring import Acquiring, Places
from rising_bsm.plugins.market.choosing import choose
from rising_bsm.plugins.market.drafts import InstallDraft, new_row
from rising_bsm.plugins.market.following import Followed
from rising_bsm.plugins.market.journal import LostHold
from rising_bsm.plugins.market.seats import Seats
from rising_bsm.plugins.market.steps import Step, StepTaken
from rising_bsm.plugins.market.tables import Acquisition, Progress
from rising_bsm.plugins.market.trust import forget_unused
from rising_bsm.runtime.settings import Cipher
from rising_bsm.runtime.settings.cipher import SecretUnreadable

ATTEMPTS = 3
_RENEWAL_SECONDS = 5.0
_log = structlog.get_logger("rising_bsm.market")


class Interrupted(Conflict):
    """The program was ended again and again while it installed this."""

    code = "market.interrupted"


class Acquisitions:
    """The acquisitions of one process; `watchers` are told of each step that it has taken.

    `actor_of` gives somebody as they are now, and raises for who must not do anything any more; `cipher` seals licence
    keys. Every method that takes an actor raises PermissionDenied unless the actor has `plugins.manage`.
    """

    def __init__(self, places: Places, cipher: Cipher, actor_of: Callable[[UUID], Awaitable[Actor]]) -> None:
        self.watchers: list[StepTaken] = []
        self._at = places
        self._cipher = cipher
        self._actor_of = actor_of
        self._followed = Followed(places.journal)
        self._seats = Seats(places.database, places.journal, places.held)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def install(self, actor: Actor, data: object) -> Acquisition:
        """Begins to install a plugin from the marketplace. Raises InvalidInput, AlreadyInstalled, AlreadyAcquiring."""
        actor.require("plugins.manage")
        draft = InstallDraft.of(data)
        if await self._seats.is_installed(draft.plugin):
            raise AlreadyInstalled(
                f"{draft.plugin} is installed already.",
                place=draft.plugin,
                next_step="To replace it by a newer version, use `rising-bsm update`; what it stored stays.",
            )
        row = new_row(actor, draft.plugin, "install", draft.version, draft.channel, draft.grant, licence=draft.licence)
        row.with_dependencies, row.bundle_sha256 = draft.with_dependencies, draft.bundle_sha256
        if draft.license_key:
            row.sealed_key = self._cipher.seal(draft.plugin, _about(row), draft.license_key)
        await self._begin(actor, row, draft.license_key)
        return row

    async def update(
        self, actor: Actor, plugin_id: str, version: str, channel: str, accepted: Collection[str]
    ) -> Acquisition:
        """Begins to update a plugin from the marketplace. Raises NotFound, AlreadyAcquiring."""
        await self._at.plugins.get(actor, plugin_id)
        row = new_row(actor, plugin_id, "update", version, channel, accepted)
        await self._begin(actor, row, None)
        return row

    async def get(self, actor: Actor, row_id: UUID) -> Acquisition:
        """One of them, by its id. Raises NotFound."""
        actor.require("plugins.manage")
        return await self._at.journal.get(row_id)

    async def newest(self, actor: Actor) -> list[Acquisition]:
        """The newest 50."""
        actor.require("plugins.manage")
        return list(await self._at.journal.newest())

    async def watch(self, actor: Actor, row_id: UUID, after: int = 0) -> AsyncIterator[Step]:
        """Its steps after the first so many, as they are taken, to the last one; and how much was downloaded."""
        await self.get(actor, row_id)
        async for step in self._followed.follow(row_id, after):
            yield step

    def arrived(self, row_id: UUID) -> tuple[int, int] | None:
        """How many bytes of how many have arrived; None when nothing is being downloaded by this process."""
        return self._followed.arrived(row_id)

    async def ended(self, row_id: UUID) -> Acquisition:
        """The acquisition when nothing is done about it any more, in this process."""
        if task := self._tasks.get(row_id):
            await asyncio.wait([task])
        return await self._at.journal.get(row_id)

    async def resume(self) -> None:
        """Goes on with what other processes, that are no more, have left, or undoes it; and gives back what must be."""
        for row in await self._at.journal.in_state(Progress.RUNNING):
            if row.id not in self._tasks and await self._at.journal.take(row, whoever_has_it=self._alone()):
                await self._resume(row)
        for row in await self._at.journal.in_state(Progress.UNDOING):
            if await self._at.journal.take(row, whoever_has_it=self._alone()):
                await self._undo(row, None)
        await self._seats.release_unused()
        await asyncio.to_thread(self._at.downloads.sweep)

    async def removed(self, plugin_id: str) -> None:
        """The plugin was uninstalled, so that its seat is free; what fails is tried again later."""
        try:
            await self._seats.release(plugin_id)
        except Error as error:
            _log.warning("seat not given back; tried again", plugin=plugin_id, error=error.as_dict())
        await self._seats.release_unused()
        await forget_unused(self._at.database)

    async def close(self) -> None:
        """Stops; the next process goes on."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, actor: Actor, row: Acquisition, key: str | None) -> None:
        await self._at.journal.begin(row)
        self._start(row, self._run(actor, row, key))

    def _start(self, row: Acquisition, work: Any) -> None:
        task = self._tasks[row.id] = asyncio.create_task(work)
        task.add_done_callback(lambda _ended: self._tasks.pop(row.id, None))

    async def _resume(self, row: Acquisition) -> None:
        try:
            if row.attempts >= ATTEMPTS:
                raise Interrupted(
                    f"Installing {row.plugin_id} was interrupted {ATTEMPTS} times, and is given up.",
                    place=row.plugin_id,
                    next_step="See the log for what ended the program, then try again.",
                )
            await self._at.journal.note(row, attempts=row.attempts + 1)
            actor = await self._actor(row)
            key = self._key(row)
        except Error as error:
            await self._undo(row, error)
        else:
            self._start(row, self._run(actor, row, key))

    async def _actor(self, row: Acquisition) -> Actor:
        """Whoever asked for it, allowed what they were then and still are."""
        if row.user_id is None:
            return SYSTEM
        actor = await self._actor_of(row.user_id)
        actor.require("plugins.manage")
        return Actor(actor.user_id, actor.name, actor.permissions & frozenset(row.permissions))

    async def _run(self, actor: Actor, row: Acquisition, key: str | None) -> None:
        renewing = asyncio.create_task(self._renew(row))
        told, arrived = self._told(row), self._followed.bytes_of(row.id)
        acquiring = Acquiring(self._at, actor, row, told=told, arrived=arrived, depend=self._depend)
        try:
            await acquiring.run(key)
        except asyncio.CancelledError:
            await finish(self._at.journal.let_go(row))
            raise
        except LostHold as error:
            _log.warning("another process goes on", plugin=row.plugin_id, error=error.as_dict())
        except Error as error:
            await self._undo(row, error)
        except Exception as error:
            _log.exception("acquisition broke", plugin=row.plugin_id, error=str(error))
            await self._undo(row, Failed("Something broke on our side; the log says what.", place=row.plugin_id))
        finally:
            renewing.cancel()
            self._followed.ended(row.id)

    async def _renew(self, row: Acquisition) -> None:
        while True:
            await asyncio.sleep(_RENEWAL_SECONDS)
            with suppress(Error):  # the next time may go better, and the lease lasts for several
                await self._at.journal.renew(row)

    def _told(self, row: Acquisition) -> Callable[[Step], None]:
        def tell(step: Step) -> None:
            self._followed.news(row.id)
            for watcher in self.watchers:
                watcher(row.plugin_id, step)

        return tell

    async def _depend(self, actor: Actor, plugin_id: str, within: str, channel: str) -> None:
        """Another plugin is installed first. Raises what kept it from that."""
        listed = await choose(self._at.index, plugin_id, channel, version=None, within=within)
        row = new_row(actor, plugin_id, "install", listed.version, channel, (), with_dependencies=True)
        await self._begin(actor, row, None)
        ended = await self.ended(row.id)
        if ended.state != Progress.DONE:
            problem = ended.problem or {}
            raise Conflict(
                f"{plugin_id}, which it needs, could not be installed: {problem.get('message', 'it was interrupted')}",
                code="market.dependency_failed",
                place=plugin_id,
                next_step=problem.get("next_step"),
            )

    async def _undo(self, row: Acquisition, error: Error | None) -> None:
        """Gives back what it has reserved; if that cannot be done now, it is noted that it must be."""
        try:
            key = None
            with suppress(SecretUnreadable):  # then there is nothing to ask with
                key = self._key(row)
            await self._seats.give_back(row, key)
        except Error as trouble:
            _log.warning("not undone; tried again", plugin=row.plugin_id, error=trouble.as_dict())
            if error is not None:
                self._told(row)(await self._at.journal.end(row, Progress.UNDOING, error))
            return
        await forget_unused(self._at.database, but=row.id)
        if error is not None:
            self._told(row)(await self._at.journal.end(row, Progress.FAILED, error))
        else:
            await self._at.journal.note(row, state=Progress.FAILED, sealed_key=None, reserved=False)

    def _key(self, row: Acquisition) -> str | None:
        """The licence key that must not be asked for again. Raises SecretUnreadable."""
        return self._cipher.open(row.plugin_id, _about(row), row.sealed_key) if row.sealed_key else None

    def _alone(self) -> bool:
        return self._at.database.url.get_backend_name() == "sqlite"


def _about(row: Acquisition) -> str:
    return f"license key of {row.id}"
