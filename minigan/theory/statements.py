"""The paper's theory as rows, one per statement, with a computed and an expected number.

The numbers are computed from random densities. Where a statement is an inequality, the number is
the largest violation found, and 0 is expected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

import numpy as np

from minigan.theory.convergence import Step, converge, exponentiated_gradient
from minigan.theory.criterion import criterion, subgradient
from minigan.theory.densities import Density, add_up
from minigan.theory.discriminator import game_value, integrand, optimal_discriminator
from minigan.theory.divergences import jsd, kl
from minigan.theory.fixed_point import GeneratorSlopes, generator_slopes
from minigan.theory.later_statements import maximum_likelihood_rows, wasserstein_rows
from minigan.theory.relatives.nce import self_contrastive_row
from minigan.theory.relatives.visible_units import rounded_rows
from minigan.theory.rows import Statement
from minigan.theory.smoothing import smoothed_gradient

LOG_2, LOG_4 = math.log(2), math.log(4)
POINTS, TRIALS = 8, 200
JSD_REACHED = 1e-12
STEP_SIZES, STEPS = (1.0, 0.5, 0.1), 50
UPDATES_OF_G = 200
SIGMA = 1e-4


def statements(seed: int = 0) -> list[Statement]:
    """The rows that `minigan theory` prints, on densities drawn from this seed."""
    rng = np.random.default_rng(seed)
    return [
        *discriminator_rows(rng),
        *criterion_rows(rng),
        *convexity_rows(rng),
        *convergence_rows(rng),
        *equilibrium_rows(rng),
        *smoothing_rows(rng),
        *fixed_point_rows(rng),
        *maximum_likelihood_rows(rng),
        *wasserstein_rows(rng),
        self_contrastive_row(rng),
        *rounded_rows(),
    ]


def draw_pair(rng: np.random.Generator) -> tuple[Density, Density]:
    """Two random densities, each 0 at a point where the other is not."""
    p_data, p_g = rng.dirichlet(np.ones(POINTS), size=2)
    p_data[0] = p_g[-1] = 0
    return p_data / p_data.sum(), p_g / p_g.sum()


def maximum_by_bisection(a: Density, b: Density) -> Density:
    """The y in [0, 1] that maximises a log y + b log(1 - y): bisection on the sign of its slope."""
    low, high = np.zeros(a.shape), np.ones(a.shape)
    for _ in range(60):
        y = (low + high) / 2
        rises = a * (1 - y) > b * y
        low, high = np.where(rises, y, low), np.where(rises, high, y)
    return np.where(a == 0, 0.0, (low + high) / 2)


def near(D: Density) -> Iterator[Density]:
    """Copies of D that differ at one point, by 1e-2 or 1e-4 in either direction, within [0, 1]."""
    for x in range(D.size):
        for delta in (1e-2, -1e-2, 1e-4, -1e-4):
            rival = D.copy()
            rival[x] = min(max(D[x] + delta, 0.0), 1.0)
            yield rival


def discriminator_rows(rng: np.random.Generator) -> list[Statement]:
    """Eq. 1 and 3, Prop. 1 and Eq. 2: the value V, and the D that maximises it."""
    p_data, p_g = draw_pair(rng)
    D = rng.uniform(0.01, 0.99, POINTS)
    two_means = float(p_data @ np.log(D) + p_g @ np.log(1 - D))
    log_P = np.stack([np.log(1 - D), np.log(D)])  # row y is log P(Y = y | x)
    likelihood = float((np.stack([p_g, p_data]) / 2 * log_P).sum())
    D_star, D_found = optimal_discriminator(p_data, p_g), maximum_by_bisection(p_data, p_g)
    worst = int(np.argmax(np.abs(D_star - D_found)))
    rivals = [D_found, *near(D_star), *rng.uniform(size=(TRIALS, POINTS))]
    best = max(game_value(p_data, p_g, rival) for rival in rivals)
    V_star = game_value(p_data, p_g, D_star)
    V = game_value(p_data, p_g, D)
    return [
        Statement("Eq. 1 = Eq. 3", "V = E[log D] + E[log(1 - D)] as one sum", V, two_means),
        Statement("Prop. 1, D's objective", "V = 2 E[log P(Y|x)]", V, 2 * likelihood),
        Statement("Prop. 1", "V(D*) = max_D V(D)", V_star, best),
        Statement("Eq. 2", "D* = p_data/(p_data + p_g)", D_star[worst], D_found[worst]),
    ]


def criterion_rows(rng: np.random.Generator) -> list[Statement]:
    """Eq. 4 to 6 and Thm 1: the criterion C, and its minimum."""
    p_data, p_g = draw_pair(rng)
    C, m = criterion(p_data, p_g), (p_data + p_g) / 2
    V_star = game_value(p_data, p_g, optimal_discriminator(p_data, p_g))
    others = [criterion(p_data, q) for q in rng.dirichlet(np.ones(POINTS), size=TRIALS)]
    below = max(0.0, -LOG_4 - min(others))
    return [
        Statement("Eq. 4", "C(G) = V(D*, G)", C, V_star),
        Statement(
            "Thm 1, equality", "C(G) = -log 4 at p_g = p_data", criterion(p_data, p_data), -LOG_4
        ),
        Statement("Thm 1, bound", f"-log 4 - C(G), worst of {TRIALS} p_g", below, 0.0),
        Statement(
            "Eq. 5",
            "C = -log 4 + KL(p_data||m) + KL(p_g||m)",
            C,
            -LOG_4 + kl(p_data, m) + kl(p_g, m),
        ),
        Statement("Eq. 6", "C = -log 4 + 2 JSD(p_data||p_g)", C, -LOG_4 + 2 * jsd(p_data, p_g)),
    ]


def convexity_rows(rng: np.random.Generator) -> list[Statement]:
    """Prop. 2's three facts: U is linear in p_g, C is convex, log(1 - D*) is a subgradient."""
    bent = above_chord = above_curve = 0.0
    p_data = rng.dirichlet(np.ones(POINTS))
    for _ in range(TRIALS):
        (p, q), D, t = (
            rng.dirichlet(np.ones(POINTS), size=2),
            rng.uniform(size=POINTS),
            rng.uniform(),
        )
        mixed = t * p + (1 - t) * q
        U_chord = t * game_value(p_data, p, D) + (1 - t) * game_value(p_data, q, D)
        bent = max(bent, abs(game_value(p_data, mixed, D) - U_chord))
        C_p, C_q = criterion(p_data, p), criterion(p_data, q)
        above_chord = max(above_chord, criterion(p_data, mixed) - t * C_p - (1 - t) * C_q)
        above_curve = max(above_curve, C_p + float(subgradient(p_data, p) @ (q - p)) - C_q)
    return [
        Statement("Prop. 2, U is linear in p_g", "|U(mixture) - chord|, worst", bent, 0.0),
        Statement("Prop. 2, C is convex", "C(mixture) - chord, worst", above_chord, 0.0),
        Statement(
            "Prop. 2, subgradient", "C(p) + <log(1-D*), q-p> - C(q), worst", above_curve, 0.0
        ),
    ]


def convergence_rows(rng: np.random.Generator) -> list[Statement]:
    """Prop. 2: each update is a subgradient step with the optimal D; C falls; p_g -> p_data."""
    p_data, start = rng.dirichlet(np.ones(POINTS), size=2)
    distance = kl(p_data, start)
    off_step = rise = above_bound = 0.0
    for eta in STEP_SIZES:
        path = list(islice(converge(p_data, start, eta), STEPS))
        off_step = max(off_step, _distance_from_subgradient_steps(p_data, path, eta))
        rise = max(rise, *(later.C - now.C for now, later in pairwise(path)))
        for t, step in enumerate(path[1:], start=1):
            above_bound = max(above_bound, step.C + LOG_4 - distance / (eta * t))
    path = []
    for step in converge(p_data, start):
        path.append(step)
        if jsd(p_data, step.p_g) < JSD_REACHED:
            break
    predicted = 0
    while jsd(p_data, p_data + (start - p_data) / 2**predicted) >= JSD_REACHED:
        predicted += 1
    taken = len(path) - 1
    return [
        Statement("Prop. 2, each update", "p_g exp(-eta log(1-D*))/Z, worst", off_step, 0.0),
        Statement("Prop. 2, C never rises", "C(next) - C(now), worst", rise, 0.0),
        Statement("Prop. 2, bound", "C + log 4 - KL/(eta t), worst", above_bound, 0.0),
        Statement("Prop. 2, p_g -> p_data", f"steps to JSD < {JSD_REACHED:g}", taken, predicted),
        Statement("Prop. 2, the end", f"C(G) after {taken} steps", path[-1].C, -LOG_4),
    ]


def _distance_from_subgradient_steps(p_data: Density, path: Sequence[Step], eta: float) -> float:
    """The largest difference between a step's p_g and the update computed from the subgradient."""
    differences = [
        np.abs(later.p_g - exponentiated_gradient(now.p_g, subgradient(p_data, now.p_g), eta)).max()
        for now, later in pairwise(path)
    ]
    return float(max(differences))


def equilibrium_rows(rng: np.random.Generator) -> list[Statement]:
    """D, V and both losses of G where p_g = p_data and D is optimal."""
    p = rng.dirichlet(np.ones(POINTS))
    D = optimal_discriminator(p, p)
    E_log_D, E_log_one_minus_D = add_up(integrand(p, 0, D)), add_up(integrand(0, p, D))
    return [
        Statement("equilibrium, D", "D* = 1/2", D[np.argmax(np.abs(D - 0.5))], 0.5),
        Statement("equilibrium, V", "V = -log 4", game_value(p, p, D), -LOG_4),
        Statement("equilibrium, minimax G", "E[log(1 - D)] = -log 2", E_log_one_minus_D, -LOG_2),
        Statement("equilibrium, non-saturating G", "-E[log D] = log 2", -E_log_D, LOG_2),
    ]


def smoothing_rows(rng: np.random.Generator) -> list[Statement]:
    """Section 2: the gradient under noise of standard deviation 1e-4, for n = 1 and n = 3.

    f(x) = sin x, and f(x) = sin(w . x) with |w| = 1, whose gradient is w cos(w . x).
    """
    x_1 = rng.uniform(-1, 1)
    slope = float(smoothed_gradient(lambda x: np.sin(x[:, 0]), [x_1], SIGMA)[0])
    w, x_3 = rng.uniform(-1, 1, size=(2, 3))
    w /= np.linalg.norm(w)  # the error is at most |w|^3 SIGMA^2 / 2 = 5e-9
    gradient = smoothed_gradient(lambda x: np.sin(x @ w), x_3, SIGMA, nodes=8)
    limit = w * math.cos(w @ x_3)
    worst = int(np.argmax(np.abs(gradient - limit)))
    return [
        Statement("section 2, limit", "d/dx E[sin(x + e)] -> cos x", slope, math.cos(x_1)),
        Statement(
            "section 2, limit in R^3",
            "grad E[sin(w.(x + e))] -> w cos(w.x)",
            float(gradient[worst]),
            float(limit[worst]),
        ),
    ]


def fixed_point_rows(rng: np.random.Generator) -> list[Statement]:
    """Section 3: both slopes of G are 0 at p_g = p_data, and both objectives lead there."""
    p_data, start = rng.dirichlet(np.ones(POINTS), size=2)
    at_p_data = float(np.abs(generator_slopes(p_data, p_data)).max())
    rows = [Statement("section 3, fixed point", "slopes of G at p_g = p_data, worst", at_p_data, 0)]
    for i, name in enumerate(GeneratorSlopes._fields):
        p_g = start
        for _ in range(UPDATES_OF_G):
            p_g = exponentiated_gradient(p_g, generator_slopes(p_data, p_g)[i])
        worst = float(np.abs(p_g - p_data).max())
        formula = f"|p_g - p_data| after {UPDATES_OF_G} updates, worst"
        rows.append(Statement(f"section 3, {name.replace('_', '-')} G", formula, worst, 0))
    return rows
