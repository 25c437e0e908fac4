"""The objectives of D and G as functions of D's logits, one file each.

minimax            D ascends Eq. 1, G descends mean log(1 - D(G(z)))
non_saturating     D ascends Eq. 1, G descends -mean log D(G(z))
"""

from __future__ import annotations

from minigan.objectives.equation_1 import LOG_2, LOG_4, softplus, value, value_gradient
from minigan.objectives.minimax_game import minimax, minimax_gradient, minimax_loss
from minigan.objectives.non_saturating_game import (
    non_saturating,
    non_saturating_gradient,
    non_saturating_loss,
)
from minigan.objectives.objective import Equilibrium, Objective

OBJECTIVES = {objective.name: objective for objective in (minimax, non_saturating)}

__all__ = [
    "LOG_2",
    "LOG_4",
    "OBJECTIVES",
    "Equilibrium",
    "Objective",
    "minimax",
    "minimax_gradient",
    "minimax_loss",
    "non_saturating",
    "non_saturating_gradient",
    "non_saturating_loss",
    "softplus",
    "value",
    "value_gradient",
]
