"""Write plugins for Rising-BSM: one class, a few decorators, a typed `ctx`."""

from .context import Context, Customer, CustomerPage, Customers, Log, PluginInfo, Storage
from .decorators import before, route
from .errors import HostError, Invalid, Missing, NotPermitted, Refuse
from .http import Request, Response
from .plugin import Plugin

__all__ = [
    "Context",
    "Customer",
    "CustomerPage",
    "Customers",
    "HostError",
    "Invalid",
    "Log",
    "Missing",
    "NotPermitted",
    "Plugin",
    "PluginInfo",
    "Refuse",
    "Request",
    "Response",
    "Storage",
    "before",
    "route",
]
