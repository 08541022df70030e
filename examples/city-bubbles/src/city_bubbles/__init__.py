"""City bubbles: everything is drawn in the browser, in a frame; there is nothing to do in the sandbox."""

from rising_bsm_sdk import Plugin


class CityBubbles(Plugin):
    """What it shows is in `ui/`, and asks the host for customers itself."""
