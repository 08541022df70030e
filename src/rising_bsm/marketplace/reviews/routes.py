"""The addresses of reviews."""

from typing import Any
from uuid import UUID

from rising_bsm.marketplace.instances.admission import Instances
from rising_bsm.marketplace.licences.instance_routes import admitted
from rising_bsm.marketplace.reviews.schema import ReviewQuery
from rising_bsm.marketplace.reviews.service import ReviewNotFound, Reviews
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
    try:
        return UUID(request.params["id"])
    except ValueError:
        raise ReviewNotFound from None
