"""In-process hook points: services fire them, others subscribe; nothing here knows what a plugin is."""

from rising_bsm.hooks.points import BeforeHandler, HookPoints, Registration

__all__ = ["BeforeHandler", "HookPoints", "Registration"]
