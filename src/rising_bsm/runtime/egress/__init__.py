"""The way out: requests of plugins to the network, to where their manifests say and to nowhere else."""

from rising_bsm.runtime.egress.egress import NOWHERE, Egress, PluginEgress
from rising_bsm.runtime.egress.request import FetchRequest

__all__ = ["NOWHERE", "Egress", "FetchRequest", "PluginEgress"]
