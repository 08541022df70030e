"""What plugins may use of the host. Units are in the names."""

from dataclasses import dataclass, field

from rising_bsm.sandbox.limits import KIB, MIB, Limits


@dataclass(frozen=True)
class RuntimeLimits:
    """The limits of a call that answers a person or follows the plugin's life (`call`), of one that stands in the way
    of a write (`before`), of a plugin's storage and of its log.

    Each entry of the storage counts its key, its value as JSON, and `entry_bytes` for the row that holds them.
    `log_bytes` is what one call may log, `line_characters` what is kept of a line, `log_lines` of a plugin.
    """

    call: Limits = field(default_factory=Limits)
    before: Limits = field(default_factory=lambda: Limits(wall_seconds=1.0, fuel=5_000_000_000))
    storage_bytes: int = 10 * MIB
    value_bytes: int = 64 * KIB
    entry_bytes: int = 64
    list_bytes: int = 256 * KIB
    log_bytes: int = 64 * KIB
    log_lines: int = 1_000
    line_characters: int = 4_000


DEFAULT_LIMITS = RuntimeLimits()
