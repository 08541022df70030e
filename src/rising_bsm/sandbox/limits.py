"""What one call may use. Units are in the names."""

import msgspec

MIB = 1024 * 1024
KIB = 1024

LOG_LINE_BYTES = 32
"""What a line of log counts beside its text, so that a flood of empty lines ends too."""


class Limits(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The limits of one call of a plugin."""

    memory_bytes: int = 128 * MIB
    wall_seconds: float = 30.0
    fuel: int = 10_000_000_000
    host_calls: int = 1_000
    payload_bytes: int = 256 * KIB
    log_bytes: int = 64 * KIB


LOADING = Limits(wall_seconds=30.0, fuel=10_000_000_000, host_calls=0, payload_bytes=64 * MIB)
"""Compiling and loading a plugin: whole modules travel, and nothing may be asked of the host."""
