"""The layers of the jail by name, what each reports, and the smallest strength an instance accepts."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rising_bsm.errors import Failed


class Layer(StrEnum):
    """One way in which the kernel holds a worker; each works without the others."""

    ENVIRONMENT = "environment"
    NO_NEW_PRIVS = "no_new_privs"
    EXECUTABLE_MEMORY = "executable_memory"
    DESCRIPTORS = "descriptors"
    NAMESPACES = "namespaces"
    IDENTITY = "identity"
    DUMPABLE = "dumpable"
    LANDLOCK = "landlock"
    RLIMITS = "rlimits"
    SECCOMP = "seccomp"


ALL_LAYERS = frozenset(Layer)

# Whether these two are there is decided by the machine: by its kernel, and by whoever set it up.
_UP_TO_THE_MACHINE = frozenset({Layer.NAMESPACES, Layer.LANDLOCK})


class Strength(StrEnum):
    """How much of the jail an instance insists on.

    `full` is every layer, `strong` every layer that does not depend on how the machine was set up (all but
    namespaces and Landlock), `none` accepts an open worker.
    """

    FULL = "full"
    STRONG = "strong"
    NONE = "none"

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that must be on."""
        return {
            Strength.FULL: ALL_LAYERS,
            Strength.STRONG: ALL_LAYERS - _UP_TO_THE_MACHINE,
            Strength.NONE: frozenset[Layer](),
        }[self]


@dataclass(frozen=True, slots=True)
class LayerReport:
    """Whether one layer holds the process, and in a few words how, or why it does not."""

    layer: Layer
    on: bool
    detail: str


class JailError(Failed):
    """The jail cannot be closed as it was asked for."""

    code = "sandbox.jail"


class Unavailable(Exception):
    """This machine cannot give a layer; the text says why."""


def require(reports: Iterable[LayerReport], minimum: Strength) -> None:
    """Raise `JailError` (`sandbox.jail_too_weak`), naming what is missing, unless all layers of `minimum` are on."""
    on = {report.layer: report for report in reports if report.on}
    off = {report.layer: report.detail for report in reports if not report.on}
    missing = [layer for layer in Layer if layer in minimum.layers and layer not in on]
    if not missing:
        return
    reasons = "; ".join(f"{layer} ({off.get(layer, 'not reported')})" for layer in missing)
    raise JailError(
        f"Sandbox workers cannot be jailed as strongly as required ({minimum}). Missing: {reasons}",
        code="sandbox.jail_too_weak",
        place=", ".join(missing),
        next_step="Run `rising-bsm doctor`, add what is missing, or require a weaker jail in the settings.",
    )
