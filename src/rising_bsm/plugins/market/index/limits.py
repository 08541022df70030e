"""How much a client of the index takes from a marketplace."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IndexLimits:
    """Sizes are of one file; what is signed already may set lower ones."""

    root_bytes: int = 65_536
    timestamp_bytes: int = 16_384
    snapshot_bytes: int = 1_000_000
    targets_bytes: int = 5_000_000
    file_seconds: float = 30.0
    """How long one file may take to arrive, however it drips."""
    root_rotations: int = 256
    """How many new roots are followed in one go."""
    grace_days: int = 7
    """For how long after it expired an index still tells what it said, while the marketplace cannot be reached."""
    fresh_seconds: float = 60.0
    """For how long what was asked needs not be asked again."""
