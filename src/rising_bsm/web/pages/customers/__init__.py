"""The pages of customers: the list, one of them, adding and changing."""

from litestar import Router

from rising_bsm.business.customers import Customer
from rising_bsm.web.pages.about import about_routes
from rising_bsm.web.pages.customers.adding import add_customer, new_customer
from rising_bsm.web.pages.customers.changing import change_customer, edit_customer
from rising_bsm.web.pages.customers.listing import list_customers
from rising_bsm.web.pages.customers.one import delete_customer, set_status, show_customer
from rising_bsm.web.pages.customers.selected import change_selected

router = Router(
    "/customers",
    route_handlers=[
        *(list_customers, new_customer, add_customer, change_selected),
        *(show_customer, edit_customer, change_customer, set_status, delete_customer),
        *about_routes(Customer),
    ],
    include_in_schema=False,
)
