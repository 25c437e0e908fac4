"""The optimizers, one file each: formula, source, and the class that holds theta.

Momentum    v <- mu v -/+ eta g, theta <- theta + v
RMSProp     s <- decay s + (1 - decay) g^2, theta <- theta -/+ eta g / (sqrt(s) + epsilon)
Adam        as RMSProp, with a mean of g in place of g, and both means without their bias
Clipped     the update of another optimizer, then theta limited to [-bound, bound]
ColumnNorms the same, then each column of W scaled to a norm of at most a limit
"""

from __future__ import annotations

from minigan.optimizers.adam import Adam
from minigan.optimizers.clipped import Clipped
from minigan.optimizers.column_norms import ColumnNorms
from minigan.optimizers.momentum import Momentum, ascend, descend
from minigan.optimizers.optimizer import Optimizer
from minigan.optimizers.rmsprop import RMSProp

__all__ = [
    "Adam",
    "Clipped",
    "ColumnNorms",
    "Momentum",
    "Optimizer",
    "RMSProp",
    "ascend",
    "descend",
]
