"""The places in pages that plugins fill."""

from collections.abc import Callable

from markupsafe import Markup

from rising_bsm.web.requests import StrictRequest


def regions_for(request: StrictRequest) -> Callable[..., Markup]:
    """What templates call to leave room for the components that are mounted at a place of a page."""

    def regions(mount: str, entity_id: object = None) -> Markup:
        return Markup()

    return regions
