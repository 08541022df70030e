"""Where the pages of those who work here are."""

from litestar import Router

from rising_bsm.web.pages.people.changing import (
    add_person,
    change_person,
    lock_person,
    new_person,
    reset_password,
    show_person,
    sign_out_person,
    unlock_person,
)
from rising_bsm.web.pages.people.listing import list_people, show_roles

router = Router(
    "/people",
    route_handlers=[
        list_people,
        show_roles,
        new_person,
        add_person,
        show_person,
        change_person,
        lock_person,
        unlock_person,
        sign_out_person,
        reset_password,
    ],
    include_in_schema=False,
)
