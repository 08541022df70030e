"""Appointments as people see them: a list, a calendar, a form and a page for each."""

from rising_bsm.web.pages.appointments.routes import router

__all__ = ["router"]
