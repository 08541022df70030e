"""Names that are the program's own."""

from rising_bsm.bundle.errors import BundleError
from rising_bsm.bundle.layout import MANIFEST

RESERVED_PUBLISHER = "rising-bsm"
"""Who publishes what comes with the program; in a bundle, nobody is named so."""


def check_publisher(publisher: str) -> None:
    """Raises BundleError (`plugins.reserved_publisher`) for the name under which the program's own plugins are."""
    if publisher == RESERVED_PUBLISHER:
        raise BundleError(
            f"Plugins of {RESERVED_PUBLISHER} come with the program; nobody else publishes under this name.",
            code="plugins.reserved_publisher",
            place=f"{MANIFEST}: publisher",
            next_step="Choose another publisher in pyproject.toml, and build the bundle again.",
        )
