"""The optimizers, one file each: formula, source, and the class that holds theta.

Momentum    v <- mu v -/+ eta g, theta <- theta + v
"""

from __future__ import annotations

from minigan.optimizers.momentum import Momentum, ascend, descend
from minigan.optimizers.optimizer import Optimizer

__all__ = ["Momentum", "Optimizer", "ascend", "descend"]
