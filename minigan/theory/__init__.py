"""The paper's theory on discrete densities, in float64 and in nats: every statement computable.

discriminator  D* (Eq. 2), V (Eq. 1, 3), the pointwise term of Prop. 1
divergences    KL and JSD
criterion      C(G) (Eq. 4 to 6, Thm 1) and its subgradient
convergence    Prop. 2, step by step
smoothing      why gradients pass through a generative process
statements     all of these as lines of a report
"""

from minigan.theory.convergence import Step, converge
from minigan.theory.criterion import criterion, subgradient
from minigan.theory.discriminator import game_value, integrand, optimal_discriminator, optimal_logit
from minigan.theory.divergences import jsd, kl
from minigan.theory.smoothing import smoothed_gradient
from minigan.theory.statements import Statement, statements, table

__all__ = [
    "Statement",
    "Step",
    "converge",
    "criterion",
    "game_value",
    "integrand",
    "jsd",
    "kl",
    "optimal_discriminator",
    "optimal_logit",
    "smoothed_gradient",
    "statements",
    "subgradient",
    "table",
]
