"""The steps from a marketplace to a plugin that answers, as whoever waits is told of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from rising_bsm.plugins.market.tables import Progress

STEPS: Mapping[str, str] = {
    "listed": "The marketplace's signed index lists the version.",
    "licensed": "The licence is verified.",
    "reserved": "This instance has a seat of it.",
    "token": "The marketplace hands the version out to this instance.",
    "downloaded": "It is downloaded, and has the digest that the index lists.",
    "verified": "Its publisher has signed it, and every byte is as it was signed.",
    "resolved": "It is made for this host, and the plugins that it needs are here.",
    "granted": "What it asks for is granted.",
    "staged": "It is loaded in the sandbox, and has prepared itself.",
    "activated": "It answers.",
    "scheduled": "The next heartbeat will say so to the marketplace.",
    "logged": "It is in the activity log.",
}
"""In their order; a plugin that costs nothing has no licence, seat or token, and then those are passed over."""
UPDATE_STEPS = tuple(name for name in STEPS if name != "reserved")


@dataclass(frozen=True)
class Step:
    """Something that an acquisition has done, or is at; `done` and `total` are bytes of the download.

    `number` counts the steps that were taken from 1; what is told in between, of bytes that have arrived, has that of
    the last step.
    """

    number: int
    name: str
    sentence: str
    state: Progress = Progress.RUNNING
    done: int | None = None
    total: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The step as JSON."""
        said = {"number": self.number, "name": self.name, "sentence": self.sentence, "state": str(self.state)}
        size = {"done": self.done, "total": self.total} if self.total is not None else {}
        return said | size


StepTaken: TypeAlias = Callable[[str, Step], None]
"""Is told of the plugin and each step, when that is in the journal."""
