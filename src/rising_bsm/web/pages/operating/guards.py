"""Who sees the pages of a marketplace, and that there is one."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from rising_bsm.accounts import Actor
from rising_bsm.errors import NotFound, PermissionDenied
from rising_bsm.marketplace.submissions.rights import MANAGE, PUBLISH
from rising_bsm.web.services import Services

Asked = ASGIConnection[BaseRouteHandler, Actor, Any, Any]


def operator(asked: Asked, _handler: BaseRouteHandler) -> None:
    """Raises PermissionDenied for everybody but the operator, and NotFound where no marketplace is run."""
    asked.user.require(MANAGE)
    _must_host(asked)


def publisher(asked: Asked, _handler: BaseRouteHandler) -> None:
    """As `operator`, for those who publish."""
    asked.user.require(PUBLISH)
    _must_host(asked)


def seller(asked: Asked, _handler: BaseRouteHandler) -> None:
    """As `operator`, for those who sell licences: publishers their own, the operator all."""
    if not asked.user.may(MANAGE) and not asked.user.may(PUBLISH):
        raise PermissionDenied("Only publishers and the operator of the marketplace sell licences.", place=PUBLISH)
    _must_host(asked)


def _must_host(asked: Asked) -> None:
    services: Services = asked.app.state.services
    if not services.market.hosts:
        raise NotFound(
            f"This instance has no marketplace of its own: it uses that of {services.market.elsewhere}.",
            code="marketplace.elsewhere",
            place=services.market.elsewhere,
            next_step="Publish and review there.",
        )
