"""Chance comes from the host, and cheaply."""

import os
import random
from typing import Any

_generator: random.Random = random._inst  # what `random.random` and its like use
_reseed = super(random.Random, _generator).seed


def reseed() -> None:
    """Begin anew from the call's entropy, so that it alone decides what `random` gives."""
    _reseed(_entropy())


def _seed(a: Any = None, version: int = 2) -> None:
    """`random.seed`, which by itself would draw 2.5 KB of entropy, a tenth of the time it takes to load a plugin."""
    random.Random.seed(_generator, _entropy() if a is None else a, version)


def _entropy() -> int:
    return int.from_bytes(os.urandom(32))


random.seed = _seed
