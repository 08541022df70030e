"""The addresses of reviews."""

from typing import Any
from uuid import UUID

from rising_bsm.marketplace.instances.admission import Instances
from rising_bsm.marketplace.licences.instance_routes import admitted
from rising_bsm.marketplace.reviews.schema import ReviewQuery
from rising_bsm.marketplace.reviews.service import Reviews, as_id
from rising_bsm.runtime.system import SystemRequest, route


class ReviewRoutes:
    """For everybody to read, for instances to write, for publishers to answer, for the operator to hide."""

    def __init__(self, instances: Instances, reviews: Reviews) -> None:
        self._instances = instances
        self._reviews = reviews

    @route("GET", "/plugins/{id}/reviews", public=True)
    async def list_reviews(self, request: SystemRequest) -> dict[str, Any]:
        """Reviews of a plugin, the newest first."""
        return await self._reviews.list(request.actor, request.params["id"], ReviewQuery.of(dict(request.query)))

    @route("POST", "/instance/review", public=True)
    async def write_review(self, request: SystemRequest) -> dict[str, Any]:
        """What somebody at an instance says."""
        return await self._reviews.write(await admitted(self._instances, request, "review"))

    @route("POST", "/instance/own-review", public=True)
    async def read_own_review(self, request: SystemRequest) -> dict[str, Any]:
        """What somebody at an instance has said."""
        return await self._reviews.own(await admitted(self._instances, request, "own-review"))

    @route("POST", "/instance/report-review", public=True)
    async def report_review(self, request: SystemRequest) -> dict[str, Any]:
        """Somebody at an instance says what is wrong with a review."""
        return await self._reviews.report(await admitted(self._instances, request, "report-review"))

    @route("POST", "/reviews/{id}/reply", permission="marketplace.publish")
    async def reply_to_review(self, request: SystemRequest) -> dict[str, Any]:
        """The publisher answers."""
        return await self._reviews.reply(request.person, _id(request), request.json())

    @route("POST", "/reviews/{id}/hide", permission="marketplace.manage")
    async def hide_review(self, request: SystemRequest) -> dict[str, Any]:
        """Nobody sees it any more."""
        return await self._reviews.hide(request.person, _id(request), request.json())

    @route("POST", "/reviews/{id}/show", permission="marketplace.manage")
    async def show_review(self, request: SystemRequest) -> dict[str, Any]:
        """It is there again."""
        return await self._reviews.show(request.person, _id(request))


def _id(request: SystemRequest) -> UUID:
    return as_id(request.params["id"])
