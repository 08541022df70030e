"""Publishers, their keys, their versions and their numbers over HTTP."""

from typing import Any

from rising_bsm.errors import InvalidInput
from rising_bsm.marketplace.publishing.dashboard import Dashboard
from rising_bsm.marketplace.publishing.publishers import Publishers
from rising_bsm.marketplace.publishing.revoking import KeyRevocations
from rising_bsm.marketplace.publishing.versions import Versions
from rising_bsm.marketplace.submissions.rights import MANAGE, PUBLISH
from rising_bsm.runtime.system import SystemAnswer, SystemRequest, route


class PublishingRoutes:
    """Routes of publishing."""

    def __init__(
        self, publishers: Publishers, revocations: KeyRevocations, versions: Versions, dashboard: Dashboard
    ) -> None:
        self._publishers = publishers
        self._revocations = revocations
        self._versions = versions
        self._dashboard = dashboard

    @route("POST", "/publishers", permission=PUBLISH)
    async def create_publisher(self, request: SystemRequest) -> SystemAnswer:
        """`{"name", "display_name", "email", "website"}`: a publisher that the caller owns."""
        return SystemAnswer((await self._publishers.create(request.person, request.json())).as_dict(), status=201)

    @route("GET", "/publishers/mine", permission=PUBLISH)
    async def my_publishers(self, request: SystemRequest) -> dict[str, Any]:
        """The caller's publishers, with their keys."""
        return {"items": await self._publishers.mine(request.person)}

    @route("POST", "/publishers/{name}/keys", permission=PUBLISH)
    async def add_publisher_key(self, request: SystemRequest) -> SystemAnswer:
        """`{"public_key", "proof"}`: the key may sign the publisher's bundles from now on."""
        key = await self._publishers.add_key(request.person, request.params["name"], request.json())
        return SystemAnswer(key.as_dict(), status=201)

    @route("GET", "/publishers/{name}/keys")
    async def list_publisher_keys(self, request: SystemRequest) -> dict[str, Any]:
        """Every key that ever was the publisher's, for its owner and the operator."""
        return {"items": await self._publishers.keys(request.person, request.params["name"])}

    @route("POST", "/publishers/{name}/keys/{key}/revoke")
    async def revoke_publisher_key(self, request: SystemRequest) -> dict[str, Any]:
        """`{"reason", "compromised"}`: nothing more is taken that the key has signed; if it is compromised, every
        version that it has signed is revoked. For the owner and the operator."""
        name, key_id = request.params["name"], request.params["key"]
        return (await self._revocations.revoke(request.person, name, key_id, request.json())).as_dict()

    @route("POST", "/publishers/{name}/verify", permission=MANAGE)
    async def verify_publisher(self, request: SystemRequest) -> dict[str, Any]:
        """The operator knows who this is; `{"verified": false}` takes that back."""
        body = request.json() or {}
        if not isinstance(body, dict) or not isinstance(verified := body.get("verified", True), bool):
            raise InvalidInput("Whether it is verified is said by true or false.", place="verified")
        return (await self._publishers.verify(request.person, request.params["name"], verified=verified)).as_dict()

    @route("GET", "/publishers/{name}/dashboard")
    async def publisher_dashboard(self, request: SystemRequest) -> dict[str, Any]:
        """Installs alive, versions in use, crash-free rate, downloads, findings, submissions."""
        return await self._dashboard.of(request.person, request.params["name"])

    @route("GET", "/versions/{plugin}")
    async def list_versions(self, request: SystemRequest) -> dict[str, Any]:
        """The versions of a plugin with their status, the highest first: all for its owner and the operator."""
        return {"items": await self._versions.list(request.person, request.params["plugin"])}

    @route("POST", "/versions/{plugin}/{version}/release")
    async def release_version(self, request: SystemRequest) -> dict[str, Any]:
        """The approved version can be had from now on. `{"security": true}` says not to wait with it."""
        return await self._change(request, "release")

    @route("POST", "/versions/{plugin}/{version}/deprecate")
    async def deprecate_version(self, request: SystemRequest) -> dict[str, Any]:
        """`{"reason"}`: it can be had, and its publisher advises against it."""
        return await self._change(request, "deprecate")

    @route("POST", "/versions/{plugin}/{version}/suspend")
    async def suspend_version(self, request: SystemRequest) -> dict[str, Any]:
        """`{"reason"}`: nobody gets it until somebody has looked."""
        return await self._change(request, "suspend")

    @route("POST", "/versions/{plugin}/{version}/revoke")
    async def revoke_version(self, request: SystemRequest) -> dict[str, Any]:
        """`{"reason"}`: nobody gets it ever again, and whoever runs it is told to stop."""
        return await self._change(request, "revoke")

    async def _change(self, request: SystemRequest, verb: str) -> dict[str, Any]:
        plugin, version = request.params["plugin"], request.params["version"]
        changed = await self._versions.change(request.person, plugin, version, verb, request.json())
        return {"plugin_id": changed.plugin_id} | changed.as_dict()
