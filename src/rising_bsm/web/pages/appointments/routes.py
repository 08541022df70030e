"""Where the pages of appointments are."""

from litestar import Router

from rising_bsm.business.appointments import Appointment
from rising_bsm.web.pages.about import about_routes
from rising_bsm.web.pages.appointments.calendar import show_calendar
from rising_bsm.web.pages.appointments.detail import change_status, delete_appointment, show_appointment
from rising_bsm.web.pages.appointments.editing import (
    add_appointment,
    change_appointment,
    edit_appointment,
    found_customers,
    new_appointment,
)
from rising_bsm.web.pages.appointments.listing import list_appointments

router = Router(
    "/appointments",
    route_handlers=[
        list_appointments,
        show_calendar,
        found_customers,
        new_appointment,
        add_appointment,
        show_appointment,
        edit_appointment,
        change_appointment,
        change_status,
        delete_appointment,
        *about_routes(Appointment),
    ],
    include_in_schema=False,
)
