"""Every page there is, for what looks at all of them: accessibility, keyboard, screenshots, weight."""

from collections.abc import Callable
from dataclasses import dataclass

from support.browser import Site


@dataclass(frozen=True)
class Shown:
    """A page: a name for its pictures, where it is on a site (made ready there, if need be), who looks at it."""

    name: str
    at: Callable[[Site], str]
    role: str = "admin"


def fixed(address: str) -> Callable[[Site], str]:
    """A page that is there without more ado."""
    return lambda _site: address


PAGES = (
    Shown("sign-in", fixed("/sign-in"), role=""),
    Shown("dashboard", fixed("/")),
    Shown("nothing-there", fixed("/customers/nothing")),
)
