"""A verified bundle becomes a running plugin: loader, host API, dispatch of routes and hooks, storage, log."""

from rising_bsm.runtime.answers import RouteAnswer
from rising_bsm.runtime.egress import Egress
from rising_bsm.runtime.errors import MethodNotAllowed, PluginsTooDeep
from rising_bsm.runtime.host import Host
from rising_bsm.runtime.host_api import HOST_API, HostFunction
from rising_bsm.runtime.limits import RuntimeLimits
from rising_bsm.runtime.loader import compile_bundle, describe
from rising_bsm.runtime.log import CallLog, LogLine
from rising_bsm.runtime.plugin import ActivePlugin
from rising_bsm.runtime.routes import RouteRequest
from rising_bsm.runtime.runtime import Runtime
from rising_bsm.runtime.services import Business, HostServices
from rising_bsm.runtime.settings import Cipher
from rising_bsm.runtime.storage import erase

__all__ = [
    "HOST_API",
    "ActivePlugin",
    "Business",
    "CallLog",
    "Cipher",
    "Egress",
    "Host",
    "HostFunction",
    "HostServices",
    "LogLine",
    "MethodNotAllowed",
    "PluginsTooDeep",
    "RouteAnswer",
    "RouteRequest",
    "Runtime",
    "RuntimeLimits",
    "compile_bundle",
    "describe",
    "erase",
]
