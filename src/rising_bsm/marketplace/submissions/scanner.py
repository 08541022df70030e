"""The scanner: one submission after the other, beside everything else, and again what was broken off."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Self
from uuid import UUID, uuid4

import structlog

from rising_bsm.analysis.everything import Surroundings
from rising_bsm.analysis.finding import Finding
from rising_bsm.db import Database, now
from rising_bsm.errors import Busy, Error
from rising_bsm.marketplace.submissions.queries import OpenBlobs, ShelfQueries, SubmissionQueries
from rising_bsm.marketplace.submissions.tables import Submission

_log = structlog.get_logger("rising_bsm.marketplace")

CLAIM = timedelta(seconds=30)
"""For how long a process that says nothing keeps what it scans."""

LOOK_SECONDS = 5.0
Scan = Callable[[bytes, Surroundings], Awaitable[Sequence[Finding]]]
Leftovers = Callable[[], Awaitable[None]]
Told = Callable[[Submission], Awaitable[None]]


class Scanner:
    """Scans what is submitted, one at a time in each process. `async with` starts and ends it.

    `scan` says what there is to say about a bundle; `told` is told what waits for a person from now on; `leftovers`
    finishes what other processes have left.
    """

    def __init__(self, database: Database, blobs: OpenBlobs, scan: Scan, told: Told, leftovers: Leftovers) -> None:
        self._database = database
        self._blobs = blobs
        self._scan = scan
        self._told = told
        self._leftovers = leftovers
        self._me = uuid4()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run_for_ever())
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """There is something to scan."""
        self._woken.set()

    async def scan_next(self) -> UUID | None:
        """Scans what has waited longest: its id, None if nothing waits or another process has it."""
        submission = await self._claimed()
        if submission is None:
            return None
        renewing = asyncio.create_task(self._keep(submission))
        try:
            findings = await self._findings(submission)
        finally:
            renewing.cancel()
        async with self._database.transaction() as session:
            found = [finding.as_dict() for finding in findings]
            scanned = await SubmissionQueries(session).scanned(submission.id, self._me, found, now())
        if scanned:
            submission.findings = found
            await self._told(submission)
        return submission.id

    async def _claimed(self) -> Submission | None:
        async with self._database.reading() as session:
            waiting = await SubmissionQueries(session).next_to_scan(now())
        if waiting is None:
            return None
        return waiting if await self._claim(waiting) else None

    async def _claim(self, submission: Submission) -> bool:
        moment = now()
        async with self._database.transaction() as session:
            return await SubmissionQueries(session).claim(submission, self._me, moment, moment + CLAIM)

    async def _keep(self, submission: Submission) -> None:
        while True:
            await asyncio.sleep(CLAIM.total_seconds() / 3)
            with suppress(Error):
                await self._claim(submission)

    async def _findings(self, submission: Submission) -> Sequence[Finding]:
        data = await self._blobs().read(submission.bundle_sha256)
        async with self._database.reading() as session:
            shelf = ShelfQueries(session)
            around = Surroundings(await shelf.neighbours(), await shelf.unpacked_before(submission.plugin_id))
        try:
            return await self._scan(data, around)
        except Busy:
            raise
        except Exception as error:  # whatever it is: a person must look at it, and the queue must go on
            _log.exception("scan failed", submission=str(submission.id))
            message = f"The scan itself broke: {type(error).__name__}. Nobody has looked at this bundle."
            return [Finding("error", "scan.failed", message, None, "Tell the operator of this marketplace.")]

    async def _run_for_ever(self) -> None:
        while True:
            self._woken.clear()
            try:
                while await self.scan_next():
                    pass
                await self._leftovers()
            except Error as error:
                _log.warning("scanning waits", code=error.code, reason=error.message)
            except Exception:
                _log.exception("scanning waits")
            # Not `wait_for`, which in Python 3.11 forgets that it was cancelled when it is woken at that moment.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
