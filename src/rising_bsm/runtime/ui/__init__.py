"""What plugins show people: trees of nodes, checked before anything is drawn."""

from rising_bsm.runtime.ui import fields, leaves, nodes
from rising_bsm.runtime.ui.checks import Known
from rising_bsm.runtime.ui.links import Target, target_of
from rising_bsm.runtime.ui.raw import InvalidTree, TreeLimits
from rising_bsm.runtime.ui.tree import Acted, Tree, acted_of, tree_of

__all__ = [
    "Acted",
    "InvalidTree",
    "Known",
    "Target",
    "Tree",
    "TreeLimits",
    "acted_of",
    "fields",
    "leaves",
    "nodes",
    "target_of",
    "tree_of",
]
