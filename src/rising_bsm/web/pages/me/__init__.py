"""One's own settings and access tokens."""

from rising_bsm.web.pages.me.routes import router

__all__ = ["router"]
