"""Write plugins for Rising-BSM: one class, a few decorators, a typed `ctx`."""

from . import ui
from .context import Context, Log, PluginInfo, Storage
from .decorators import action, after, before, component, route, schedule
from .entities import Appointment, Appointments, Customer, Customers, Page, Requests, ServiceRequest
from .errors import HostError, Invalid, Missing, NotPermitted, Refuse
from .events import Event, Events
from .http import Request, Response
from .license import License
from .network import Http, Reply
from .people import Notifications, User, UserPage, Users
from .plugin import Plugin
from .problems import Problems
from .settings import Settings
from .world import Random, Time

__all__ = [
    "Appointment",
    "Appointments",
    "Context",
    "Customer",
    "Customers",
    "Event",
    "Events",
    "HostError",
    "Http",
    "Invalid",
    "License",
    "Log",
    "Missing",
    "NotPermitted",
    "Notifications",
    "Page",
    "Plugin",
    "PluginInfo",
    "Problems",
    "Random",
    "Refuse",
    "Reply",
    "Request",
    "Requests",
    "Response",
    "ServiceRequest",
    "Settings",
    "Storage",
    "Time",
    "User",
    "UserPage",
    "Users",
    "action",
    "after",
    "before",
    "component",
    "route",
    "schedule",
    "ui",
]
