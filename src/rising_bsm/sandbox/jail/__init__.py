"""The jail around a sandbox worker: what holds when the engine in it does not.

Ten layers, each of which works without the others, in pure Python over the C library. `Jail` closes them around the
calling process, `require` insists on a minimum, `check` finds out what this machine can do.
"""

from rising_bsm.sandbox.jail.jail import Jail
from rising_bsm.sandbox.jail.layers import ALL_LAYERS, JailError, Layer, LayerReport, Strength, require
from rising_bsm.sandbox.jail.trial import check

__all__ = ["ALL_LAYERS", "Jail", "JailError", "Layer", "LayerReport", "Strength", "check", "require"]
