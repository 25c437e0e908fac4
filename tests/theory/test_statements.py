"""The rows of `minigan theory`: all statements are there, and each residual is rounding error.

Each group of rows is also computed with functions that break its statement, by a known amount. So
the rows show the amount, which is computed here from the same draws.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from scipy.special import rel_entr

from minigan.theory import Statement, statements, table
from minigan.theory.convergence import Step
from minigan.theory.densities import Density
from minigan.theory.fixed_point import GeneratorSlopes
from minigan.theory.statements import (
    convergence_rows,
    convexity_rows,
    criterion_rows,
    discriminator_rows,
    draw_pair,
    equilibrium_rows,
    fixed_point_rows,
    maximum_by_bisection,
    near,
    smoothing_rows,
)

module = sys.modules["minigan.theory.statements"]  # `minigan.theory.statements` is the function

LOG_2, LOG_4 = 0.69314718055994530942, 1.38629436111989061883
# The rows whose number is not exact: JSD stops at 1e-12; noise of 1e-4 leaves sigma^2 / 2 = 5e-9.
LOOSER = {"Prop. 2, the end": 3e-12, "section 2, limit": 6e-9, "section 2, limit in R^3": 6e-9}

LABELS = """\
Eq. 1 = Eq. 3                   V = E[log D] + E[log(1 - D)] as one sum
Prop. 1, D's objective          V = 2 E[log P(Y|x)]
Prop. 1                         V(D*) = max_D V(D)
Eq. 2                           D* = p_data/(p_data + p_g)
Eq. 4                           C(G) = V(D*, G)
Thm 1, equality                 C(G) = -log 4 at p_g = p_data
Thm 1, bound                    -log 4 - C(G), worst of 200 p_g
Eq. 5                           C = -log 4 + KL(p_data||m) + KL(p_g||m)
Eq. 6                           C = -log 4 + 2 JSD(p_data||p_g)
Prop. 2, U is linear in p_g     |U(mixture) - chord|, worst
Prop. 2, C is convex            C(mixture) - chord, worst
Prop. 2, subgradient            C(p) + <log(1-D*), q-p> - C(q), worst
Prop. 2, each update            p_g exp(-eta log(1-D*))/Z, worst
Prop. 2, C never rises          C(next) - C(now), worst
Prop. 2, bound                  C + log 4 - KL/(eta t), worst
Prop. 2, p_g -> p_data          steps to JSD < 1e-12
Prop. 2, the end                C(G) after 19 steps
equilibrium, D                  D* = 1/2
equilibrium, V                  V = -log 4
equilibrium, minimax G          E[log(1 - D)] = -log 2
equilibrium, non-saturating G   -E[log D] = log 2
section 2, limit                d/dx E[sin(x + e)] -> cos x
section 2, limit in R^3         grad E[sin(w.(x + e))] -> w cos(w.x)
section 3, fixed point          slopes of G at p_g = p_data, worst
section 3, minimax G            |p_g - p_data| after 200 updates, worst
section 3, non-saturating G     |p_g - p_data| after 200 updates, worst
maximum likelihood G            gradient of E[-e^a] = that of KL(p_data||p_g)
two masses, JSD                 JSD = log 2
two masses, slope of JSD        dJSD/dtheta = 0
two masses, W1                  W1 = |theta|
two masses, slope of W1         dW1/dtheta = 1
two masses, slope at -theta     dW1/dtheta = -1
W1, Kantorovich-Rubinstein      W1 = max E_data[f] - E_g[f], |f'| <= 1
section 2, NCE                  noise = model: dV/dtheta = 1/2 d log L/dtheta
section 2, rounded G            dJ/dtheta_g = 0, worst
section 2, a step of rounded G  J(theta_g + 1e-7) - J(theta_g)"""


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn_pair(of: np.random.Generator) -> tuple[Density, Density]:
    """Two densities on eight points: the first is 0 at the first point, the other at the last."""
    p, q = of.dirichlet(np.ones(8), size=2)
    p, q = np.array([0, *p[1:]]), np.array([*q[:-1], 0])
    return p / p.sum(), q / q.sum()


def rows_of(rows: list[Statement]) -> dict[str, tuple[float, float]]:
    return {row.name: (float(row.number), float(row.expected)) for row in rows}


def test_a_pair_is_two_densities_that_are_0_at_the_first_and_at_the_last_point() -> None:
    p, q = draw_pair(rng())
    np.testing.assert_allclose((p, q), drawn_pair(rng()), rtol=1e-15)
    assert p.sum() == pytest.approx(1)
    assert q.sum() == pytest.approx(1)
    assert np.flatnonzero(p == 0).tolist() == [0]
    assert np.flatnonzero(q == 0).tolist() == [7]


def test_the_bisection_finds_the_maximum_without_eq_2() -> None:
    found = maximum_by_bisection(np.array([1.0, 0.2, 0.0, 0.3]), np.array([0.0, 0.6, 3.0, 0.1]))
    np.testing.assert_allclose(found, [1, 0.25, 0, 0.75], rtol=1e-15)
    assert found[[0, 2]].tolist() == [1, 0]
    # 60 halvings leave an interval of 2^-60, and its middle is returned
    assert maximum_by_bisection(np.array([1e-30]), np.array([1.0])) == 2.0**-61


def test_the_rivals_of_D_differ_from_it_at_one_point_within_0_and_1() -> None:
    expected = [
        *([0.51, 1], [0.49, 1], [0.5001, 1], [0.4999, 1]),
        *([0.5, 1], [0.5, 0.99], [0.5, 1], [0.5, 0.9999]),
    ]
    np.testing.assert_allclose(list(near(np.array([0.5, 1]))), expected, rtol=1e-15)
    np.testing.assert_allclose(list(near(np.array([0.0]))), [[0.01], [0], [0.0001], [0]])


def test_V_in_three_forms_is_that_of_drawn_numbers() -> None:
    of = rng()
    (p, q), D = drawn_pair(of), of.uniform(0.01, 0.99, 8)
    V = math.fsum([*(p * np.log(D)), *(q * np.log(1 - D))])
    rows = rows_of(discriminator_rows(rng()))
    for name in ("Eq. 1 = Eq. 3", "Prop. 1, D's objective"):
        np.testing.assert_allclose(rows[name], V, rtol=1e-14)
    best = np.divide(p, p + q)
    V_star = -math.fsum([*rel_entr(p, p + q), *rel_entr(q, p + q)])
    np.testing.assert_allclose(rows["Prop. 1"], -V_star, rtol=1e-14)
    assert min(abs(best - rows["Eq. 2"][0])) < 1e-15


@pytest.mark.parametrize("fault", [1e-3, -1e-3])
def test_a_wrong_V_is_seen(fault: float, monkeypatch: pytest.MonkeyPatch) -> None:
    V = module.game_value
    monkeypatch.setattr(module, "game_value", lambda p, q, D: V(p, q, D) + fault)
    rows = rows_of([*discriminator_rows(rng()), *criterion_rows(rng()), *equilibrium_rows(rng())])
    seen = {name: number - expected for name, (number, expected) in rows.items()}
    seen = {name: difference for name, difference in seen.items() if abs(difference) > 1e-14}
    assert seen == pytest.approx(
        {
            "Eq. 1 = Eq. 3": fault,
            "Prop. 1, D's objective": fault,
            "Eq. 4": -fault,
            "equilibrium, V": fault,
        }
    )


def test_a_wrong_D_star_is_seen_at_its_worst_point(monkeypatch: pytest.MonkeyPatch) -> None:
    p, q = drawn_pair(rng())
    wrong = p / (p + q) + [0, 0, 1e-3, -1e-2, 0, 2e-3, 0, 0]
    monkeypatch.setattr(module, "optimal_discriminator", lambda p, q: wrong)
    rows = rows_of([*discriminator_rows(rng()), *criterion_rows(rng())])
    assert rows["Eq. 2"] == pytest.approx((wrong[3], wrong[3] + 1e-2), rel=1e-14)
    number, expected = rows["Prop. 1"]
    assert 1e-6 < expected - number < 1e-2  # another D has a larger V
    number, expected = rows["Eq. 4"]
    assert 1e-6 < number - expected < 1e-2


@pytest.mark.parametrize("largest", ["found", "near", "drawn"])
def test_the_best_rival_of_D_is_found_among_all_of_them(
    largest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = rng()
    p, q = drawn_pair(of)
    of.uniform(size=8)
    best = p / (p + q)
    target = {
        "found": maximum_by_bisection(p, q),
        "near": best + 1e-2 * (np.arange(8) == 4),
        "drawn": of.uniform(size=(200, 8))[-1],
    }[largest]
    monkeypatch.setattr(module, "optimal_discriminator", lambda p, q: best)
    if largest == "found":
        target[0] = 0.3
        monkeypatch.setattr(module, "maximum_by_bisection", lambda p, q: target)
    monkeypatch.setattr(module, "game_value", lambda p, q, D: -float(abs(D - target).max()))
    number, expected = rows_of(discriminator_rows(rng()))["Prop. 1"]
    assert number == -abs(best - target).max()
    assert number < -9e-3
    assert expected == pytest.approx(0, abs=1e-15)


def test_C_in_four_forms_is_that_of_drawn_densities() -> None:
    p, q = drawn_pair(rng())
    m = (p + q) / 2
    C = math.fsum([*rel_entr(p, m), *rel_entr(q, m), -LOG_4])
    rows = rows_of(criterion_rows(rng()))
    for name in ("Eq. 4", "Eq. 5", "Eq. 6"):
        np.testing.assert_allclose(rows[name], C, rtol=1e-14)
    np.testing.assert_allclose(rows["Thm 1, equality"], -LOG_4, rtol=1e-15)
    assert rows["Thm 1, bound"] == (0, 0)


@pytest.mark.parametrize(
    ("function", "seen"),
    [
        ("criterion", {"Eq. 4": 1, "Thm 1, equality": 1, "Eq. 5": 1, "Eq. 6": 1}),
        ("kl", {"Eq. 5": -2}),
        ("jsd", {"Eq. 6": -2}),
    ],
)
def test_a_wrong_criterion_or_divergence_is_seen(
    function: str, seen: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct = getattr(module, function)
    monkeypatch.setattr(module, function, lambda p, q: correct(p, q) + 1e-3)
    rows = rows_of(criterion_rows(rng()))
    differences = {name: number - expected for name, (number, expected) in rows.items()}
    assert {n: d for n, d in differences.items() if abs(d) > 1e-14} == pytest.approx(
        {name: 1e-3 * times for name, times in seen.items()}
    )


def test_a_criterion_below_its_bound_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    of = rng()
    p, _ = drawn_pair(of)
    others = of.dirichlet(np.ones(8), size=200)
    monkeypatch.setattr(module, "criterion", lambda p, q: float(p @ q) - 0.1 - LOG_4)
    monkeypatch.setattr(module, "LOG_4", LOG_4)
    below = 0.1 - (others @ p).min()
    assert below > 0
    number, expected = rows_of(criterion_rows(rng()))["Thm 1, bound"]
    assert number == pytest.approx(below, rel=1e-14)
    assert expected == 0


def test_the_worst_violations_of_convexity_are_those_of_200_drawn_mixtures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    A = rng(0).normal(size=(8, 8))
    monkeypatch.setattr(module, "game_value", lambda p_data, p, D: p_data @ A @ D + (p @ p) * D[0])
    monkeypatch.setattr(module, "criterion", lambda p_data, p: p_data @ A @ p - p @ p)
    monkeypatch.setattr(module, "subgradient", lambda p_data, p: A @ p_data + p**3)
    of = rng()
    p_data = of.dirichlet(np.ones(8))
    bent, chord, curve = [], [], []
    for _ in range(200):
        p, q = of.dirichlet(np.ones(8), size=2)
        D, t = of.uniform(size=8), of.uniform()
        # t p.p + (1 - t) q.q - m.m = t (1 - t) (p - q).(p - q) for m = t p + (1 - t) q
        excess = t * (1 - t) * (p - q) @ (p - q)
        bent.append(excess * D[0])
        chord.append(excess)
        C_p, C_q = p_data @ A @ p - p @ p, p_data @ A @ q - q @ q
        curve.append(C_p + (A @ p_data + p**3) @ (q - p) - C_q)
    rows = rows_of(convexity_rows(rng()))
    for name, numbers in (
        ("Prop. 2, U is linear in p_g", bent),
        ("Prop. 2, C is convex", chord),
        ("Prop. 2, subgradient", curve),
    ):
        assert rows[name] == pytest.approx((max(numbers), 0), rel=1e-12)


class Path:
    """A stand-in for `converge`: C rises once, and p_g is off its step once."""

    def __init__(self, eta: float, at: int) -> None:
        self.eta, self.at, self.taken = eta, at, 0

    def __iter__(self) -> Iterator[Step]:
        for t in range(51):
            self.taken += 1
            p = np.zeros(8) + t + (t == self.at) / 8
            yield Step(p, np.zeros(8), -LOG_4 + (t == self.at) / 4 - t / 1024)


@pytest.mark.parametrize("worst", [0, 1, 2])
@pytest.mark.parametrize("at", [1, 49])
def test_the_worst_step_of_50_with_each_of_three_step_sizes_is_found(
    worst: int, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths: list[Path] = []
    converge = module.converge

    p, q = rng().dirichlet(np.ones(8), size=2)

    def planted(p_data: Density, start: Density, eta: float | None = None) -> Iterator[Step]:
        np.testing.assert_array_equal((p_data, start), (p, q))
        if eta is None:
            return converge(p_data, start)
        paths.append(Path(eta, at if len(paths) == worst else -1))
        return iter(paths[-1])

    monkeypatch.setattr(module, "converge", planted)
    # without a fault each step adds 1
    monkeypatch.setattr(module, "subgradient", lambda p_data, p: np.ones(8))
    monkeypatch.setattr(module, "exponentiated_gradient", lambda p, slope, eta: p + slope)
    rows = rows_of(convergence_rows(rng()))
    assert [path.eta for path in paths] == [1, 0.5, 0.1]
    assert [path.taken for path in paths] == [50] * 3
    assert rows["Prop. 2, each update"] == (1 / 8, 0)
    assert rows["Prop. 2, C never rises"] == pytest.approx((1 / 4 - 1 / 1024, 0), rel=1e-14)
    above = 1 / 4 - at / 1024 - rel_entr(p, q).sum() / (paths[worst].eta * at)
    assert rows["Prop. 2, bound"] == pytest.approx((max(above, 0), 0), rel=1e-13)


class Given:
    """A stand-in for a random generator that returns two given densities."""

    def __init__(self, p: Density, q: Density) -> None:
        self.pair = p, q

    def dirichlet(self, alpha: Density, size: int) -> tuple[Density, Density]:
        assert (alpha == 1).all()
        return self.pair


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_the_steps_end_when_JSD_is_below_its_limit(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, q = np.array([0.25, 0.75]), np.array([0.75, 0.25])
    # exact: each step with eta = 1 halves the distance; JSD is equal to the limit one step earlier
    limit = module.jsd(p, p + (q - p) / 2 ** (steps - 1)) if steps else 1.0
    monkeypatch.setattr(module, "JSD_REACHED", limit)
    end = p + (q - p) / 2**steps
    m = (p + end) / 2
    C = -LOG_4 + rel_entr(p, m).sum() + rel_entr(end, m).sum()
    each, *_, reached, at_the_end = convergence_rows(Given(p, q))  # type: ignore[arg-type]
    assert each.residual < 1e-15
    assert (reached.number, reached.expected) == (steps, steps)
    assert reached.formula == f"steps to JSD < {limit:g}"
    assert (at_the_end.number, at_the_end.expected) == pytest.approx((C, -LOG_4), rel=1e-14)
    assert at_the_end.formula == f"C(G) after {steps} steps"


def test_a_slower_convergence_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    converge, p, q = module.converge, np.array([0.25, 0.75]), np.array([0.75, 0.25])
    monkeypatch.setattr(module, "converge", lambda p, q, eta=0.5: converge(p, q, eta))
    monkeypatch.setattr(module, "JSD_REACHED", module.jsd(p, p + (q - p) / 8))
    *_, reached, _ = convergence_rows(Given(p, q))  # type: ignore[arg-type]
    assert reached.number > reached.expected == 4


def test_the_numbers_at_the_equilibrium_depend_on_D(monkeypatch: pytest.MonkeyPatch) -> None:
    p = rng().dirichlet(np.ones(8))
    D = np.array([0.5, 0.5, 0.6, 0.5, 0.3, 0.5, 0.5, 0.5])
    monkeypatch.setattr(module, "optimal_discriminator", lambda p, q: D)
    log_D, log_one_minus_D = float(p @ np.log(D)), float(p @ np.log(1 - D))
    assert rows_of(equilibrium_rows(rng())) == {
        "equilibrium, D": (0.3, 0.5),
        "equilibrium, V": pytest.approx((log_D + log_one_minus_D, -LOG_4), rel=1e-14),
        "equilibrium, minimax G": pytest.approx((log_one_minus_D, -LOG_2), rel=1e-14),
        "equilibrium, non-saturating G": pytest.approx((-log_D, LOG_2), rel=1e-14),
    }


def test_the_values_at_the_equilibrium_are_those_of_the_paper() -> None:
    rows = rows_of(equilibrium_rows(rng()))
    values = {
        "equilibrium, D": 0.5,
        "equilibrium, V": -LOG_4,
        "equilibrium, minimax G": -LOG_2,
        "equilibrium, non-saturating G": LOG_2,
    }
    assert set(rows) == set(values)
    for name, value in values.items():
        assert abs(rows[name][0] - value) <= 1e-12
        assert abs(rows[name][1] - value) <= 1e-15


@pytest.mark.parametrize("seed", [3, 5, 9])
def test_noise_shrinks_the_slope_of_a_sine_by_e_to_minus_half_its_variance(seed: int) -> None:
    # E[sin(x + e)] = sin x e^(-sigma^2 / 2): of sin(x + e) = sin x cos e + cos x sin e
    of = rng(seed)
    x_1 = of.uniform(-1, 1)
    w, x_3 = of.uniform(-1, 1, size=(2, 3))
    w = w / np.sqrt((w**2).sum())
    slopes = [math.cos(x_1), *(w * np.cos((w * x_3).sum()))]
    worst = slopes[1:][int(np.argmax(abs(w)))]  # the error is in proportion to the slope
    shrunk = math.exp(-(1e-4**2) / 2)
    assert rows_of(smoothing_rows(rng(seed))) == {
        "section 2, limit": pytest.approx((slopes[0] * shrunk, slopes[0]), rel=1e-11),
        "section 2, limit in R^3": pytest.approx((worst * shrunk, worst), rel=1e-11),
    }


def test_updates_that_fall_short_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    # each update of the minimax G takes 1/100 of the way, of the non-saturating G 1/50
    def slopes(p_data: Density, p_g: Density) -> GeneratorSlopes:
        if p_g is p_data:
            return GeneratorSlopes(np.array([0, -0.25, 0.125]), np.array([0.5, 0, -0.75]))
        return GeneratorSlopes((p_g - p_data) / 100, (p_g - p_data) / 50)

    monkeypatch.setattr(module, "generator_slopes", slopes)
    monkeypatch.setattr(module, "exponentiated_gradient", lambda p_g, slope: p_g - slope)
    p, start = rng().dirichlet(np.ones(8), size=2)
    furthest = abs(start - p).max()
    assert rows_of(fixed_point_rows(rng())) == {
        "section 3, fixed point": (0.75, 0),
        "section 3, minimax G": pytest.approx((furthest * 0.99**200, 0), rel=1e-12),
        "section 3, non-saturating G": pytest.approx((furthest * 0.98**200, 0), rel=1e-12),
    }


@cache
def all_rows(seed: int) -> list[Statement]:
    return statements(seed)


def test_every_statement_of_the_theory_is_in_the_table() -> None:
    labels = [f"{row.name:30}  {row.formula}" for row in all_rows(0)]
    assert "\n".join(labels) == LABELS


def test_the_rows_are_a_function_of_the_seed() -> None:
    assert statements() == all_rows(0)
    assert all_rows(3) != all_rows(4)


@pytest.mark.parametrize("seed", range(10))
def test_every_residual_is_rounding_error(seed: int) -> None:
    for row in all_rows(seed):
        assert row.residual <= LOOSER.get(row.name, 2e-15), row


def test_the_table_of_all_rows_fits_120_columns_and_takes_another_row() -> None:
    report = table([*all_rows(0), Statement("one more", "row", 1.0, 1.0)])
    assert report.isascii()
    assert max(map(len, report.splitlines())) <= 120
    assert report.splitlines()[-1].startswith("one more")
