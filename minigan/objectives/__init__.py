"""The objectives of D and G as functions of D's logits, one file each.

    minimax             D ascends Eq. 1, G descends mean log(1 - D(G(z)))
    non_saturating      D ascends Eq. 1, G descends -mean log D(G(z))
    maximum_likelihood  D ascends Eq. 1, G descends -mean e^a
    least_squares       D ascends -1/2 mean (a_real - 1)^2 - 1/2 mean a_fake^2
    wasserstein         D ascends mean a_real - mean a_fake
    relativistic        D ascends -mean softplus(a_fake - a_real), G the reverse

The first two are those of the paper. `penalties` has what D can descend in addition.
"""

from __future__ import annotations

from minigan.objectives.equation_1 import LOG_2, LOG_4, softplus, value, value_gradient
from minigan.objectives.least_squares_game import least_squares
from minigan.objectives.maximum_likelihood_game import maximum_likelihood
from minigan.objectives.minimax_game import minimax, minimax_gradient, minimax_loss
from minigan.objectives.non_saturating_game import (
    non_saturating,
    non_saturating_gradient,
    non_saturating_loss,
)
from minigan.objectives.objective import Equilibrium, Objective
from minigan.objectives.relativistic_game import relativistic
from minigan.objectives.wasserstein_game import wasserstein

PAPER = (minimax, non_saturating)
OBJECTIVES = {
    one.name: one for one in (*PAPER, maximum_likelihood, least_squares, wasserstein, relativistic)
}
UNBOUNDED = (wasserstein,)  # V grows without end unless a penalty bounds the slopes of D

__all__ = [
    "LOG_2",
    "LOG_4",
    "OBJECTIVES",
    "PAPER",
    "UNBOUNDED",
    "Equilibrium",
    "Objective",
    "least_squares",
    "maximum_likelihood",
    "minimax",
    "minimax_gradient",
    "minimax_loss",
    "non_saturating",
    "non_saturating_gradient",
    "non_saturating_loss",
    "relativistic",
    "softplus",
    "value",
    "value_gradient",
    "wasserstein",
]
