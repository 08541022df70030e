"""What people of this instance say of plugins that are installed here, and what others say."""

import hashlib
import hmac
from typing import Any

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotFound
from rising_bsm.plugins.identity import Identity
from rising_bsm.plugins.licences.held import HeldLicences
from rising_bsm.plugins.market.client import MarketClient
from rising_bsm.plugins.market.offers import Review, Reviews
from rising_bsm.plugins.market.transport import MarketRefused

_NOT_INSTALLED = "review.not_installed"


class Reviewing:
    """Reviews on the marketplace, in the name of this instance.

    Every method raises PermissionDenied unless the actor has `plugins.manage`, MarketRefused and MarketUnreachable.
    """

    def __init__(self, market: MarketClient, identity: Identity, held: HeldLicences) -> None:
        self._market = market
        self._identity = identity
        self._held = held

    async def page(self, actor: Actor, plugin_id: str, cursor: str = "") -> Reviews:
        """A page of the reviews of a plugin, the newest first."""
        actor.require("plugins.manage")
        return Reviews.read(await self._market.reviews(plugin_id, {"cursor": cursor} if cursor else {}))

    async def own(self, actor: Actor, plugin_id: str) -> Review | None:
        """What the actor has said of it."""
        actor.require("plugins.manage")
        answer = await self._market.send("own-review", {"plugin": plugin_id, "user": await self._pseudonym(actor)})
        found = answer.get("review") if isinstance(answer, dict) else None
        return Review.read(found) if found else None

    async def write(self, actor: Actor, plugin_id: str, said: dict[str, Any]) -> Review:
        """The actor says this from now on: `name`, `stars` and `text`."""
        actor.require("plugins.manage")
        fields = {"plugin": plugin_id, "user": await self._pseudonym(actor), **said}
        try:
            return Review.read(await self._market.send("review", fields))
        except MarketRefused as error:
            if error.code != _NOT_INSTALLED:
                raise
        # Installed since the last heartbeat, of which the marketplace so knows nothing yet.
        await self._held.beat()
        return Review.read(await self._market.send("review", fields))

    async def report(self, actor: Actor, review_id: str, reason: str) -> None:
        """The marketplace's operator is told what is wrong with a review."""
        actor.require("plugins.manage")
        await self._market.send("report-review", {"review": review_id, "reason": reason})

    async def _pseudonym(self, actor: Actor) -> str:
        """Always the same for one person, and nothing that anybody else can tell who it is by."""
        if actor.user_id is None:
            raise NotFound("Only people review plugins.", code="market.nobody_reviews", place="user")
        secret = (await self._identity.get()).signing.to_raw()
        return hmac.new(secret, b"reviewer " + actor.user_id.bytes, hashlib.sha256).hexdigest()
