"""Where the pages of service requests are."""

from litestar import Router

from rising_bsm.business.requests import ServiceRequest
from rising_bsm.web.pages.about import about_routes
from rising_bsm.web.pages.requests.converting import conversion_form, convert_request
from rising_bsm.web.pages.requests.detail import assign_request, change_status, delete_request, show_request
from rising_bsm.web.pages.requests.editing import add_request, change_request, edit_request, new_request
from rising_bsm.web.pages.requests.listing import list_requests

router = Router(
    "/requests",
    route_handlers=[
        list_requests,
        new_request,
        add_request,
        show_request,
        edit_request,
        change_request,
        change_status,
        assign_request,
        delete_request,
        conversion_form,
        convert_request,
        *about_routes(ServiceRequest),
    ],
    include_in_schema=False,
)
