"""Answering everybody in their own language."""

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from rising_bsm.web.i18n import speaking
from rising_bsm.web.preferences import Preferences
from rising_bsm.web.requests import StrictRequest


class Speaking(ASGIMiddleware):
    """Lets a request through in the preferences of whoever sends it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answers it so."""
        with speaking(Preferences.of(StrictRequest(scope))):
            await next_app(scope, receive, send)
