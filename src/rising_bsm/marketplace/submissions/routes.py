"""Submissions over HTTP."""

from typing import Any
from uuid import UUID

from rising_bsm.marketplace.submissions.errors import NoSubmission
from rising_bsm.marketplace.submissions.rights import MANAGE, PUBLISH
from rising_bsm.marketplace.submissions.schema import Listing
from rising_bsm.marketplace.submissions.service import Submissions
from rising_bsm.runtime.system import SystemAnswer, SystemRequest, route


class SubmissionRoutes:
    """Routes of submissions."""

    def __init__(self, submissions: Submissions) -> None:
        self._submissions = submissions

    @route("POST", "/submissions", permission=PUBLISH)
    async def submit_bundle(self, request: SystemRequest) -> SystemAnswer:
        """A new submission; the body is a signed bundle. `channel` is stable or beta, `draft=true` keeps it back."""
        channel, draft = request.query.get("channel", "stable"), request.query.get("draft") == "true"
        made = await self._submissions.submit(request.person, request.body, channel=channel, draft=draft)
        return SystemAnswer(await self._submissions.get(request.person, made.id), status=201)

    @route("GET", "/submissions")
    async def list_submissions(self, request: SystemRequest) -> dict[str, Any]:
        """The submissions that the caller may see; filters are `state` and `plugin`."""
        return await self._submissions.list(request.person, Listing.of(dict(request.query)))

    @route("GET", "/submissions/{id}")
    async def get_submission(self, request: SystemRequest) -> dict[str, Any]:
        """One submission with its findings, its place in the queue and what was decided."""
        return await self._submissions.get(request.person, _id(request))

    @route("GET", "/submissions/{id}/diff")
    async def diff_submission(self, request: SystemRequest) -> dict[str, Any]:
        """What is different from the version that was released last."""
        return await self._submissions.diff(request.person, _id(request))

    @route("GET", "/submissions/{id}/bundle")
    async def read_submission(self, request: SystemRequest) -> SystemAnswer:
        """The bundle as it was submitted."""
        data = await self._submissions.bundle(request.person, _id(request))
        return SystemAnswer(data, content_type="application/octet-stream", headers={"cache-control": "no-store"})

    @route("POST", "/submissions/{id}/submit", permission=PUBLISH)
    async def send_submission(self, request: SystemRequest) -> dict[str, Any]:
        """A draft is submitted."""
        return (await self._submissions.send(request.person, _id(request))).as_dict()

    @route("POST", "/submissions/{id}/withdraw", permission=PUBLISH)
    async def withdraw_submission(self, request: SystemRequest) -> dict[str, Any]:
        """Nothing follows any more."""
        return (await self._submissions.withdraw(request.person, _id(request))).as_dict()

    @route("POST", "/submissions/{id}/decision", permission=MANAGE)
    async def decide_submission(self, request: SystemRequest) -> dict[str, Any]:
        """`{"decision": "approve" | "request_changes" | "reject", "reason": "..."}`."""
        return (await self._submissions.decide(request.person, _id(request), request.json())).as_dict()


def _id(request: SystemRequest) -> UUID:
    try:
        return UUID(request.params["id"])
    except ValueError:
        raise NoSubmission(request.params["id"][:80]) from None
