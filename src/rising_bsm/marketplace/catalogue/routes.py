"""The catalogue over HTTP, for everybody."""

from rising_bsm.marketplace.catalogue.service import Catalogue
from rising_bsm.runtime.system import SystemRequest, route


class CatalogueRoutes:
    """Reading the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @route("GET", "/plugins", public=True)
    async def search_plugins(self, request: SystemRequest) -> object:
        """Plugins by words and facets, in an order, a page at a time."""
        return await self._catalogue.search(dict(request.query))

    @route("GET", "/plugins/{plugin_id}", public=True)
    async def show_plugin(self, request: SystemRequest) -> object:
        """All there is to know of one."""
        return await self._catalogue.plugin(request.params["plugin_id"])

    @route("GET", "/plugins/{plugin_id}/versions", public=True)
    async def list_plugin_versions(self, request: SystemRequest) -> object:
        """Its versions."""
        return await self._catalogue.versions(request.params["plugin_id"])

    @route("GET", "/plugins/{plugin_id}/versions/{version}", public=True)
    async def show_version(self, request: SystemRequest) -> object:
        """One of them, with what it asks for and adds."""
        return await self._catalogue.version(request.params["plugin_id"], request.params["version"])

    @route("GET", "/categories", public=True)
    async def list_categories(self, request: SystemRequest) -> object:
        """How many plugins each has."""
        return await self._catalogue.categories()

    @route("GET", "/publishers/{name}", public=True)
    async def show_publisher(self, request: SystemRequest) -> object:
        """A publisher."""
        return await self._catalogue.publisher(request.params["name"])
