"""What plugins may use of the host. Units are in the names."""

from dataclasses import dataclass, field

from rising_bsm.sandbox.limits import KIB, MIB, Limits


@dataclass(frozen=True)
class RuntimeLimits:
    """The limits of a call that answers a person or follows the plugin's life (`call`), of one that answers a stranger
    (`public`), of one that shows something (`component`), of one that stands in the way of a write (`before`), of one
    that nobody waits for (`background`), of a plugin's storage and of its log.

    Each entry of the storage counts its key, its value as JSON, and `entry_bytes` for the row that holds them.
    `event_bytes` is what an event that a plugin emits may say, as JSON. `log_bytes` is what one call may log,
    `line_characters` what is kept of a line, `log_lines` of a plugin.
    `problems` is how many problems a plugin may have at a time.
    `calls_per_minute`, `fuel_per_minute` and `cost_per_minute` (of host functions) are for all calls of a plugin in
    one running process, those of its lifecycle apart; `strangers_fuel_per_minute` is what strangers may use of its
    fuel, so that they cannot use up what its hooks need.
    `fetch_seconds` and `fetch_answer_bytes` (unpacked) are for one request to the network with all its redirects,
    `fetches_per_minute` (redirects count) and `fetch_bytes_per_day` (both ways) for a plugin in one running process.
    """

    call: Limits = field(default_factory=Limits)
    public: Limits = field(default_factory=lambda: Limits(wall_seconds=10.0, fuel=500_000_000))
    before: Limits = field(default_factory=lambda: Limits(wall_seconds=1.0, fuel=5_000_000_000))
    component: Limits = field(default_factory=lambda: Limits(wall_seconds=2.0, fuel=2_000_000_000))
    background: Limits = field(default_factory=Limits)
    event_bytes: int = 16 * KIB
    storage_bytes: int = 10 * MIB
    value_bytes: int = 64 * KIB
    entry_bytes: int = 64
    list_bytes: int = 256 * KIB
    log_bytes: int = 64 * KIB
    log_lines: int = 1_000
    line_characters: int = 4_000
    problems: int = 100
    calls_per_minute: int = 120_000
    fuel_per_minute: int = 40_000_000_000
    strangers_fuel_per_minute: int = 10_000_000_000
    cost_per_minute: int = 120_000
    fetch_seconds: float = 10.0
    fetch_answer_bytes: int = MIB
    fetches_per_minute: int = 60
    fetch_bytes_per_day: int = 100 * MIB


DEFAULT_LIMITS = RuntimeLimits()
