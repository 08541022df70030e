"""The addresses that instances ask: public, as each request is signed by the instance itself."""

from typing import Any

from rising_bsm.errors import TooLarge
from rising_bsm.marketplace.instances.admission import Caller, Instances
from rising_bsm.marketplace.licences.heartbeat import Heartbeats
from rising_bsm.marketplace.licences.service import Leases
from rising_bsm.marketplace.licences.tokens import DownloadTokens
from rising_bsm.runtime.system import SystemRequest, route

LARGEST_BODY = 1024 * 1024
"""What a request of an instance may have in bytes."""


async def admitted(instances: Instances, request: SystemRequest, action: str) -> Caller:
    """Who asks for `action`; raises TooLarge, and what `Instances.admit` raises."""
    if len(request.body) > LARGEST_BODY:
        raise TooLarge("A request of an instance has at most 1 MiB.", place="body")
    return await instances.admit(request.json(), action, request.network)


class InstanceRoutes:
    """What instances ask about licences."""

    def __init__(self, instances: Instances, leases: Leases, heartbeats: Heartbeats, tokens: DownloadTokens) -> None:
        self._instances = instances
        self._leases = leases
        self._heartbeats = heartbeats
        self._tokens = tokens

    @route("POST", "/instance/activate", public=True)
    async def activate_licence(self, request: SystemRequest) -> dict[str, Any]:
        """A licence file for a key."""
        return {"license": await self._leases.activate(await self._caller(request, "activate"))}

    @route("POST", "/instance/trial", public=True)
    async def begin_trial(self, request: SystemRequest) -> dict[str, Any]:
        """A licence file for a trial."""
        return {"license": await self._leases.trial(await self._caller(request, "trial"))}

    @route("POST", "/instance/heartbeat", public=True)
    async def beat(self, request: SystemRequest) -> dict[str, Any]:
        """Fresh licence files, and what the instance should know."""
        return await self._heartbeats.beat(await self._caller(request, "heartbeat"))

    @route("POST", "/instance/release", public=True)
    async def release_licence(self, request: SystemRequest) -> dict[str, Any]:
        """The instance gives its seat back."""
        return await self._leases.release(await self._caller(request, "release"))

    @route("POST", "/instance/token", public=True)
    async def issue_download_token(self, request: SystemRequest) -> dict[str, Any]:
        """A token for one version."""
        return await self._tokens.issue(await self._caller(request, "token"))

    @route("POST", "/instance/redeem", public=True)
    async def redeem_download_token(self, request: SystemRequest) -> dict[str, Any]:
        """What is downloaded for a token, and the key to it."""
        return await self._tokens.redeem(await self._caller(request, "redeem"))

    async def _caller(self, request: SystemRequest, action: str) -> Caller:
        return await admitted(self._instances, request, action)
