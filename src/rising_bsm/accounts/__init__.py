"""Users, roles, permissions, access tokens, and the log of who did what."""

from rising_bsm.accounts.actor import SYSTEM, Actor
from rising_bsm.accounts.permissions import PERMISSIONS, Role

__all__ = ["PERMISSIONS", "SYSTEM", "Actor", "Role"]
