"""Users, roles, permissions, access tokens, and the log of who did what."""

from rising_bsm.accounts.activity import Activity, ActivityLog, ActivityPage
from rising_bsm.accounts.actor import SYSTEM, Actor
from rising_bsm.accounts.permissions import PERMISSIONS, Role
from rising_bsm.accounts.service import Accounts, FirstAdmin
from rising_bsm.accounts.tokens import IssuedToken, Token
from rising_bsm.accounts.users import User

__all__ = [
    "PERMISSIONS",
    "SYSTEM",
    "Accounts",
    "Activity",
    "ActivityLog",
    "ActivityPage",
    "Actor",
    "FirstAdmin",
    "IssuedToken",
    "Role",
    "Token",
    "User",
]
