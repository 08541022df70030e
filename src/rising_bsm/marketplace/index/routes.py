"""The index over HTTP: its files for everybody, its keys for the operator."""

from typing import Any

from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.index.roles import Role
from rising_bsm.marketplace.index.service import Index
from rising_bsm.plugins.market.index.layout import TIMESTAMP_FILE
from rising_bsm.runtime.system import SystemAnswer, SystemRequest, route

_FOR_EVER = "public, max-age=31536000, immutable"
_NEVER = "no-cache"
_METADATA = "application/json; charset=utf-8"


class IndexRoutes:
    """Routes of the index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @route("GET", "/index/{file}", public=True)
    async def index_file(self, request: SystemRequest) -> SystemAnswer:
        """A file of the index. Those with a version never change; the timestamp is to be asked for every time."""
        name = request.params["file"]
        cache = _NEVER if name == TIMESTAMP_FILE else _FOR_EVER
        return SystemAnswer(await self._index.file(name), headers={"cache-control": cache}, content_type=_METADATA)

    @route("GET", "/index-keys", permission="marketplace.manage")
    async def index_keys(self, request: SystemRequest) -> dict[str, Any]:
        """Which keys sign what, until when it is good, and the digest of the first root for clients to pin."""
        keys = await self._index.keys()
        return {
            "root": await self._index.root_digest(),
            "keys": {role: [key.as_dict() for key in keys[role]] for role in Role},
            "expiries": [expiry.as_dict() for expiry in await self._index.expiries()],
        }

    @route("POST", "/index-keys/{role}/rotate", permission="marketplace.manage")
    async def rotate_index_key(self, request: SystemRequest) -> dict[str, Any]:
        """New keys for the role. `{"compromised": true}` also ends the licences that an old `license` key signed."""
        body = request.json() or {}
        if not isinstance(body, dict) or not isinstance(compromised := body.get("compromised", False), bool):
            raise InvalidInput("Whether the old key is compromised is said by true or false.", place="compromised")
        await self._index.rotate(request.params["role"], actor=request.person, compromised=compromised)
        return await self.index_keys(request)
