"""In-process hook points: services fire them, others subscribe; nothing here knows what a plugin is."""

from rising_bsm.hooks.points import DEFAULT_ORDER, AfterHandler, BeforeHandler, Event, HookPoints, Registration

__all__ = ["DEFAULT_ORDER", "AfterHandler", "BeforeHandler", "Event", "HookPoints", "Registration"]
