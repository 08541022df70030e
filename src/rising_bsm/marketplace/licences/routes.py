"""The addresses under which licences are sold."""

from typing import Any
from uuid import UUID

from rising_bsm.marketplace.licences.errors import LicenceNotFound
from rising_bsm.marketplace.licences.sales import Sales
from rising_bsm.marketplace.licences.schema import LicenceQuery
from rising_bsm.runtime.system import SystemAnswer, SystemRequest, route


class LicenceRoutes:
    """For the operator and for publishers; what each of them sees is decided by `sales`."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    @route("POST", "/licenses")
    async def sell_licence(self, request: SystemRequest) -> SystemAnswer:
        """A new licence, with its key; this once."""
        return SystemAnswer((await self._sales.sell(request.person, request.json())).as_dict(), status=201)

    @route("GET", "/licenses")
    async def list_licences(self, request: SystemRequest) -> dict[str, Any]:
        """Licences that were sold, the newest first."""
        return await self._sales.list(request.person, LicenceQuery.of(dict(request.query)))

    @route("GET", "/licenses/{id}")
    async def show_licence(self, request: SystemRequest) -> dict[str, Any]:
        """One licence, and where it is active."""
        return await self._sales.get(request.person, _id(request))

    @route("POST", "/licenses/{id}/suspend")
    async def suspend_licence(self, request: SystemRequest) -> dict[str, Any]:
        """It does not do until it is resumed."""
        return (await self._sales.suspend(request.person, _id(request), request.json())).as_dict()

    @route("POST", "/licenses/{id}/resume")
    async def resume_licence(self, request: SystemRequest) -> dict[str, Any]:
        """It does again."""
        return (await self._sales.resume(request.person, _id(request), request.json())).as_dict()

    @route("POST", "/licenses/{id}/revoke")
    async def revoke_licence(self, request: SystemRequest) -> dict[str, Any]:
        """It does not do any more."""
        return (await self._sales.revoke(request.person, _id(request), request.json())).as_dict()

    @route("POST", "/licenses/{id}/renew")
    async def renew_licence(self, request: SystemRequest) -> dict[str, Any]:
        """It ends at another time."""
        return (await self._sales.renew(request.person, _id(request), request.json())).as_dict()

    @route("POST", "/licenses/{id}/upgrade")
    async def upgrade_licence(self, request: SystemRequest) -> dict[str, Any]:
        """It allows something else."""
        return (await self._sales.upgrade(request.person, _id(request), request.json())).as_dict()


def _id(request: SystemRequest) -> UUID:
    try:
        return UUID(request.params["id"])
    except ValueError:
        raise LicenceNotFound from None
