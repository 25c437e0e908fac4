"""The optimizers, one file each: formula, source, and the class that holds theta.

Momentum    v <- mu v -/+ eta g, theta <- theta + v
Clipped     the update of another optimizer, then theta limited to [-bound, bound]
"""

from __future__ import annotations

from minigan.optimizers.clipped import Clipped
from minigan.optimizers.momentum import Momentum, ascend, descend
from minigan.optimizers.optimizer import Optimizer

__all__ = ["Clipped", "Momentum", "Optimizer", "ascend", "descend"]
