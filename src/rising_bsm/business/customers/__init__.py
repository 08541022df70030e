"""Customers: the entity, what may be written and asked, and what the business does with them."""

from rising_bsm.business.customers.model import Customer
from rising_bsm.business.customers.schema import CustomerDraft, CustomerQuery
from rising_bsm.business.customers.service import Customers
from rising_bsm.business.listing import Page

HOOK_POINTS = ("customers.create", "customers.update", "customers.delete")
"""The moments of a customer's life that `hooks` are asked about beforehand."""

__all__ = ["HOOK_POINTS", "Customer", "CustomerDraft", "CustomerQuery", "Customers", "Page"]
