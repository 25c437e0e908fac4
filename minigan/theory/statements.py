"""Every statement of the paper's theory as one line: what it says, the number, what it should be.

    residual = |number - expected|

The numbers come from random densities. Where a statement is an inequality, the number is the
largest violation found, and 0 is expected.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from minigan.theory.convergence import converge
from minigan.theory.criterion import criterion, subgradient
from minigan.theory.densities import Density
from minigan.theory.discriminator import game_value, optimal_discriminator
from minigan.theory.divergences import jsd, kl
from minigan.theory.smoothing import smoothed_gradient

LOG_2, LOG_4 = math.log(2), math.log(4)
POINTS, TRIALS = 8, 200
JSD_REACHED = 1e-12


@dataclass(frozen=True)
class Statement:
    """One line of the report: the paper's name for it, its formula, two numbers that agree."""

    name: str
    formula: str
    number: float
    expected: float

    @property
    def residual(self) -> float:
        """|number - expected|, in the units of the number."""
        return abs(self.number - self.expected)


def statements(seed: int = 0) -> list[Statement]:
    """The lines that `minigan theory` prints, on densities drawn from this seed."""
    rng = np.random.default_rng(seed)
    return [
        *about_discriminator(rng),
        *about_criterion(rng),
        *about_convexity(rng),
        *about_convergence(rng),
        *about_equilibrium(rng),
        about_smoothing(rng),
    ]


def table(rows: Sequence[Statement]) -> str:
    """The statements as aligned plain text, one line each below a line of headings."""
    cells = [("statement", "formula", "number", "expected", "residual")]
    for s in rows:
        numbers = f"{s.number:.10g}", f"{s.expected:.10g}", f"{s.residual:.1e}"
        cells.append((s.name, s.formula, *numbers))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        text = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        numbers_text = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(text + numbers_text))
    return "\n".join(lines)


def draw_pair(rng: np.random.Generator) -> tuple[Density, Density]:
    """Two random densities, each 0 at a point where the other is not."""
    p_data, p_g = rng.dirichlet(np.ones(POINTS), size=2)
    p_data[0] = p_g[-1] = 0
    return p_data / p_data.sum(), p_g / p_g.sum()


def highest_by_bisection(a: Density, b: Density) -> Density:
    """The y in [0, 1] with the highest a log y + b log(1 - y), by halving where its slope turns."""
    low, high = np.zeros(a.shape), np.ones(a.shape)
    for _ in range(60):
        y = (low + high) / 2
        rises = a * (1 - y) > b * y
        low, high = np.where(rises, y, low), np.where(rises, high, y)
    return np.where(b == 0, 1.0, np.where(a == 0, 0.0, (low + high) / 2))


def about_discriminator(rng: np.random.Generator) -> list[Statement]:
    """Eq. 1 and 3, Prop. 1 and Eq. 2: what V is, and which D makes it largest."""
    p_data, p_g = draw_pair(rng)
    D = rng.uniform(0.01, 0.99, POINTS)
    two_means = float(p_data @ np.log(D) + p_g @ np.log(1 - D))
    log_P = np.stack([np.log(1 - D), np.log(D)])  # row y holds log P(Y = y | x)
    likelihood = float((np.stack([p_g, p_data]) / 2 * log_P).sum())
    D_star, D_found = optimal_discriminator(p_data, p_g), highest_by_bisection(p_data, p_g)
    worst = int(np.argmax(np.abs(D_star - D_found)))
    rivals = [D_found, *rng.uniform(size=(TRIALS, POINTS))]
    best = max(game_value(p_data, p_g, rival) for rival in rivals)
    V_star = game_value(p_data, p_g, D_star)
    V = game_value(p_data, p_g, D)
    return [
        Statement("Eq. 1 = Eq. 3", "V = E[log D] + E[log(1 - D)] as one sum", V, two_means),
        Statement("Prop. 1, D's objective", "V = 2 E[log P(Y|x)]", V, 2 * likelihood),
        Statement("Prop. 1", "V(D*) = max_D V(D)", V_star, best),
        Statement("Eq. 2", "D* = p_data/(p_data + p_g)", D_star[worst], D_found[worst]),
    ]


def about_criterion(rng: np.random.Generator) -> list[Statement]:
    """Eq. 4 to 6 and Thm 1: what C is, and where it is lowest."""
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


def about_convexity(rng: np.random.Generator) -> list[Statement]:
    """The three facts under Prop. 2: U is linear in p_g, C is convex, log(1 - D*) a subgradient."""
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


def about_convergence(rng: np.random.Generator) -> list[Statement]:
    """Prop. 2: updates with eta = 1 until p_g is p_data to twelve digits of JSD."""
    p_data, start = rng.dirichlet(np.ones(POINTS), size=2)
    path = []
    for step in converge(p_data, start):
        path.append(step)
        if jsd(p_data, step.p_g) < JSD_REACHED:
            break
    predicted = 0
    while jsd(p_data, p_data + (start - p_data) / 2**predicted) >= JSD_REACHED:
        predicted += 1
    rise = max(later.C - earlier.C for earlier, later in pairwise(path))
    taken = len(path) - 1
    return [
        Statement("Prop. 2, C never rises", "C(next) - C(now), worst", max(0.0, rise), 0.0),
        Statement("Prop. 2, p_g -> p_data", f"steps to JSD < {JSD_REACHED:g}", taken, predicted),
        Statement("Prop. 2, the end", f"C(G) after {taken} steps", path[-1].C, -LOG_4),
    ]


def about_equilibrium(rng: np.random.Generator) -> list[Statement]:
    """The values that both players see once p_g = p_data."""
    p = rng.dirichlet(np.ones(POINTS))
    D = optimal_discriminator(p, p)
    return [
        Statement("equilibrium, D", "D* = 1/2", D[np.argmax(np.abs(D - 0.5))], 0.5),
        Statement("equilibrium, V", "V = -log 4", game_value(p, p, D), -LOG_4),
        Statement(
            "equilibrium, minimax G", "E[log(1 - D)] = -log 2", float(p @ np.log(1 - D)), -LOG_2
        ),
        Statement(
            "equilibrium, non-saturating G", "-E[log D] = log 2", float(-p @ np.log(D)), LOG_2
        ),
    ]


def about_smoothing(rng: np.random.Generator) -> Statement:
    """Backpropagation through noise of standard deviation 1e-4, for f = sin."""
    x = rng.uniform(-1, 1)
    slope = float(smoothed_gradient(np.sin, x, 1e-4))
    return Statement("section 2, limit", "d/dx E[sin(x + e)] -> cos x", slope, math.cos(x))
