"""The paper's theory on discrete densities, in float64 and in nats.

discriminator  D* (Eq. 2), V (Eq. 1, 3), the pointwise term of Prop. 1
divergences    KL and JSD
criterion      C(G) (Eq. 4 to 6, Thm 1) and its subgradient
convergence    Prop. 2, step by step
fixed_point    section 3: both objectives of G have the same fixed point
smoothing      section 2: the gradient under noise and its limit
wasserstein    W1 on the line; not in the paper
two_masses     JSD and W1 of two point masses
line           the exact p_g and p_data of Figure 1
relatives      other models of section 2, small enough to check exactly
table2         the difficulties that Table 2 names, as numbers
statements     all of these as rows; rows: the table
"""

from minigan.theory.convergence import Step, converge, exponentiated_gradient
from minigan.theory.criterion import criterion, subgradient
from minigan.theory.discriminator import game_value, integrand, optimal_discriminator, optimal_logit
from minigan.theory.divergences import jsd, kl
from minigan.theory.fixed_point import GeneratorSlopes, generator_slopes
from minigan.theory.rows import Statement, table
from minigan.theory.smoothing import smoothed_gradient
from minigan.theory.statements import statements
from minigan.theory.wasserstein import area_between, w1

__all__ = [
    "GeneratorSlopes",
    "Statement",
    "Step",
    "area_between",
    "converge",
    "criterion",
    "exponentiated_gradient",
    "game_value",
    "generator_slopes",
    "integrand",
    "jsd",
    "kl",
    "optimal_discriminator",
    "optimal_logit",
    "smoothed_gradient",
    "statements",
    "subgradient",
    "table",
    "w1",
]
