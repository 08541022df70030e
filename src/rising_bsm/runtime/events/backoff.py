"""How long to wait before a delivery that failed is tried again."""

import secrets

PAUSES_SECONDS = (1.0, 4.0, 16.0, 60.0, 300.0, 900.0, 3600.0)
"""After the first attempt, after the second, and so on; after one more it is given up."""
JITTER = 0.2
"""Each pause is longer or shorter by up to this part, so that what failed together does not come back together."""

_chance = secrets.SystemRandom()


def pause_seconds(attempts: int) -> float | None:
    """How long to wait after so many attempts, None for no more."""
    if attempts > len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[max(attempts, 1) - 1] * _chance.uniform(1 - JITTER, 1 + JITTER)
