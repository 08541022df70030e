"""Submissions: brought by publishers, looked at by the program, decided about by the operator."""

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rising_bsm.accounts import Actor
from rising_bsm.accounts.activity import record
from rising_bsm.bundle import UnverifiedBundle, open_unsigned
from rising_bsm.db import Database, now
from rising_bsm.errors import Conflict
from rising_bsm.marketplace.publishing.suspending import check_goes_on
from rising_bsm.marketplace.submissions import upload
from rising_bsm.marketplace.submissions.approval import Shelving
from rising_bsm.marketplace.submissions.comparison import compare
from rising_bsm.marketplace.submissions.errors import BundleGone, NoSubmission, NotTheirs, OpenAlready, WrongState
from rising_bsm.marketplace.submissions.queries import OpenBlobs, ShelfQueries, SubmissionQueries
from rising_bsm.marketplace.submissions.rights import MANAGE, PUBLISH, check_not_own
from rising_bsm.marketplace.submissions.scanner import Scanner
from rising_bsm.marketplace.submissions.schema import Listing, Verdict
from rising_bsm.marketplace.submissions.states import DECISIONS, MOVES, OPEN, Role, State
from rising_bsm.marketplace.submissions.tables import Decision, Submission

MOST_OPEN = 20
"""How many submissions of a publisher may wait at a time."""


class Submissions:
    """What may be done with submissions. `shelving` and `scanner` do what follows."""

    def __init__(self, database: Database, blobs: OpenBlobs, shelving: Shelving, scanner: Scanner) -> None:
        self._database = database
        self._blobs = blobs
        self._shelving = shelving
        self._scanner = scanner

    async def submit(self, actor: Actor, data: bytes, *, channel: str = "stable", draft: bool = False) -> Submission:
        """A new submission of the bundle in `data`, to be scanned at once unless it is a draft.

        Raises BundleError, NoKeys, KeyRevoked, PublisherSuspended, KnownVersion, OldVersion, OpenAlready, Conflict
        (`submissions.too_many`).
        """
        actor.require(PUBLISH)
        async with self._database.reading() as session:
            keys = await upload.keys_of(session, actor)
        brought = await asyncio.to_thread(upload.opened, data, keys, channel)
        submission = _made(brought, actor, State.DRAFT if draft else State.SUBMITTED)
        async with self._database.reading() as session:
            await self._check(session, submission)
        await self._blobs().put(data, expected=submission.bundle_sha256)
        await self._add(actor, submission)
        if await self._blobs().size(submission.bundle_sha256) is None:
            # Until now nothing has referred to it, so that it could be removed after an earlier submission of it.
            await self._blobs().put(data)
        self._scanner.wake()
        return submission

    async def _check(self, session: AsyncSession, submission: Submission) -> None:
        await check_goes_on(session, submission.publisher)
        await upload.check_key(session, submission)
        known = await ShelfQueries(session).versions_of(submission.plugin_id)
        upload.check_new(submission.plugin_id, submission.version, [one.version for one in known])
        if await SubmissionQueries(session).open_of(submission.publisher) >= MOST_OPEN:
            raise Conflict(
                f"{MOST_OPEN} submissions of {submission.publisher} wait already.",
                code="submissions.too_many",
                place=submission.publisher,
                next_step="Wait until something is decided, or withdraw some.",
            )

    async def _add(self, actor: Actor, submission: Submission) -> None:
        try:
            async with self._database.transaction() as session:
                await ShelfQueries(session).lock(submission.publisher)
                await self._check(session, submission)
                session.add(submission)
                await session.flush()
                record(session, actor, "submissions.create", "submission", submission.id, _about(submission))
        except IntegrityError:
            raise OpenAlready(
                f"{submission.plugin_id} {submission.version} is submitted already, and nothing is decided about it.",
                place=submission.version,
                next_step="Withdraw that submission to submit the version again.",
            ) from None

    async def send(self, actor: Actor, submission_id: UUID) -> Submission:
        """A draft is submitted. Raises NoSubmission, NotTheirs, PublisherSuspended, WrongState."""
        submission = await self._move(actor, submission_id, State.SUBMITTED, "submit", submitted_at=now())
        self._scanner.wake()
        return submission

    async def withdraw(self, actor: Actor, submission_id: UUID) -> Submission:
        """Nothing follows any more. Raises NoSubmission, NotTheirs, WrongState."""
        return await self._move(actor, submission_id, State.WITHDRAWN, "withdraw")

    async def list(self, actor: Actor, asked: Listing) -> dict[str, Any]:
        """The submissions that the actor may see, the newest first."""
        async with self._database.reading() as session:
            which = [*asked.conditions(), *await _visible(session, actor)]
            rows, following = await SubmissionQueries(session).page(which, asked.before, asked.limit)
        return {"items": [row.as_dict() for row in rows], "next": following and str(following)}

    async def get(self, actor: Actor, submission_id: UUID) -> dict[str, Any]:
        """Everything about a submission: findings, place in the queue, decisions. Raises NoSubmission."""
        async with self._database.reading() as session:
            submission = await _seen(session, actor, submission_id)
            queries = SubmissionQueries(session)
            position, decisions = await queries.position(submission), await queries.decisions(submission.id)
        return submission.as_dict() | {
            "findings": submission.findings,
            "position": position,
            "decisions": [decision.as_dict() for decision in decisions],
            "manifest": submission.manifest_json,
        }

    async def bundle(self, actor: Actor, submission_id: UUID) -> bytes:
        """The bundle as it was brought. Raises NoSubmission, BundleGone."""
        async with self._database.reading() as session:
            submission = await _seen(session, actor, submission_id)
        return await self._kept(submission)

    async def diff(self, actor: Actor, submission_id: UUID) -> dict[str, Any]:
        """What is different from the version that was released last, as `compare` says it.

        Raises NoSubmission, BundleGone.
        """
        async with self._database.reading() as session:
            submission = await _seen(session, actor, submission_id)
            released = await ShelfQueries(session).versions_of(submission.plugin_id)
        last = max(
            (one for one in released if one.released_at and one.submission_id != submission.id),
            key=lambda one: (one.released_at, one.id),
            default=None,
        )
        before = await _opened(await self._blobs().read(last.bundle_sha256)) if last else None
        return await asyncio.to_thread(compare, before, await _opened(await self._kept(submission)))

    async def decide(self, actor: Actor, submission_id: UUID, draft: object) -> Submission:
        """The operator approves, asks for changes or rejects, with a reason.

        Raises NoSubmission, InvalidInput, WrongState, OwnSubmission, KeyRevoked, KnownVersion, OldVersion.
        """
        actor.require(MANAGE)
        verdict = Verdict.of(draft)
        end = DECISIONS[verdict.decision]
        async with self._database.transaction() as session:
            submission = await _seen(session, actor, submission_id)
            own = await check_not_own(session, actor, submission)
            if end == State.APPROVED:
                await upload.check_key(session, submission)
                known = await ShelfQueries(session).versions_of(submission.plugin_id)
                upload.check_new(submission.plugin_id, submission.version, [one.version for one in known])
            await _moved(session, submission, end, {Role.OPERATOR}, unfinished=end == State.APPROVED)
            _write_down(session, actor, submission, verdict, own=own)
        if end == State.APPROVED:
            await self._shelving.finish(submission_id)
        return submission

    async def _move(self, actor: Actor, submission_id: UUID, end: State, verb: str, **values: Any) -> Submission:
        actor.require(PUBLISH)
        async with self._database.transaction() as session:
            submission = await _seen(session, actor, submission_id)
            if submission.publisher not in await ShelfQueries(session).owned_by(actor.user_id):
                raise NotTheirs("Only who owns the publisher may do this.", place=submission.publisher)
            if end == State.SUBMITTED:
                await check_goes_on(session, submission.publisher)
            await _moved(session, submission, end, {Role.OWNER}, **values)
            record(session, actor, f"submissions.{verb}", "submission", submission.id, _about(submission))
        return submission

    async def _kept(self, submission: Submission) -> bytes:
        if submission.bundle_gone_at is not None:
            raise BundleGone(
                "The bundle of this submission is not kept any more; what was found and decided is.",
                place=str(submission.id),
                next_step="Ask its publisher for it.",
            )
        return await self._blobs().read(submission.bundle_sha256)


async def _opened(data: bytes) -> UnverifiedBundle:
    return await asyncio.to_thread(open_unsigned, data)


async def _visible(session: AsyncSession, actor: Actor) -> list[ColumnElement[bool]]:
    if actor.may(MANAGE):
        return []
    actor.require(PUBLISH)
    return [Submission.publisher.in_(await ShelfQueries(session).owned_by(actor.user_id))]


async def _seen(session: AsyncSession, actor: Actor, submission_id: UUID) -> Submission:
    submission = await SubmissionQueries(session).by_id(submission_id)
    if submission is not None and not actor.may(MANAGE):
        actor.require(PUBLISH)
        if submission.publisher not in await ShelfQueries(session).owned_by(actor.user_id):
            submission = None
    if submission is None:
        raise NoSubmission(str(submission_id))
    return submission


async def _moved(session: AsyncSession, submission: Submission, end: State, roles: set[Role], **values: Any) -> None:
    """The submission moves as one of `roles` may; raises WrongState where there is no such move."""
    start = State(submission.state)
    allowed = MOVES.get((start, end)) in roles
    if not allowed or not await SubmissionQueries(session).move(submission.id, start, end, **values):
        raise WrongState(
            f"The submission is {start.replace('_', ' ')}, and cannot become {end.replace('_', ' ')} from there.",
            place=str(start),
            next_step="See what has become of it with `rising-bsm submissions show`.",
        )
    await session.refresh(submission)


def _made(brought: upload.Upload, actor: Actor, state: State) -> Submission:
    manifest = brought.bundle.manifest
    return Submission(
        plugin_id=manifest.id,
        version=manifest.version,
        publisher=manifest.publisher,
        channel=brought.channel,
        security=False,
        state=state,
        open_for=f"{manifest.id} {manifest.version}" if state in OPEN else None,
        submitted_by=actor.user_id,
        submitted_by_name=actor.name,
        submitted_at=now() if state == State.SUBMITTED else None,
        bundle_sha256=brought.bundle.digest,
        bundle_size=len(brought.data),
        unpacked_size=sum(map(len, brought.bundle.files.values())),
        key_id=brought.bundle.key_id,
        manifest_json=manifest.model_dump(mode="json"),
        findings=[],
        scans=0,
        unfinished=False,
    )


def _write_down(session: AsyncSession, actor: Actor, submission: Submission, verdict: Verdict, *, own: bool) -> None:
    said = {"decision": verdict.decision, "reason": verdict.reason, "own": own}
    who = {"user_id": actor.user_id, "user_name": actor.name}
    session.add(Decision(submission_id=submission.id, **said, **who))
    about = _about(submission) | said
    record(session, actor, f"submissions.{verdict.decision}", "submission", submission.id, about)


def _about(submission: Submission) -> dict[str, Any]:
    return {"plugin": submission.plugin_id, "version": submission.version}
