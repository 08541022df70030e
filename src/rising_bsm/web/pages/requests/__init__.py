"""Service requests as people see them: a list, a page for each, and what each becomes."""

from rising_bsm.web.pages.requests.routes import router

__all__ = ["router"]
