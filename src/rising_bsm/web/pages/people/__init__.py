"""Those who work here, for those who manage them."""

from rising_bsm.web.pages.people.routes import router

__all__ = ["router"]
