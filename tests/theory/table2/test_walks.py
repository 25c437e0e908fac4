"""The chain of a GSN: its steps by `relatives.gsn`, clamped values, and counts by hand."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from minigan import draws
from minigan.parameters import Parameters
from minigan.theory.relatives.gsn import GSN, random_walk
from minigan.theory.table2 import walks

N, M = 6, 40
SMALL = GSN(N, (5, 4), noise=0.5, salt=0.3)


def theta() -> Parameters:
    one = SMALL.initial(0)
    one.vector[...] *= 3
    return one


def binary(*shape: int) -> np.ndarray:
    return (draws.generator(0, "walk", 0).random(shape) < 0.5).astype(np.float32)


def test_the_means_of_the_walk_have_the_distribution_of_the_walk_of_training() -> None:
    start = np.repeat(binary(1, N), 4000, axis=0)
    found = list(islice(walks.walk_of(SMALL, theta(), start, draws.generator(0, "a", 0)), 3))
    steps = random_walk(SMALL, theta(), start, 3, draws.generator(1, "b", 0))
    for means, step in zip(found, steps, strict=True):
        expected = 1 / (1 + np.exp(-step.r))
        np.testing.assert_allclose(means.mean(axis=0), expected.mean(axis=0), atol=0.03)
        np.testing.assert_allclose(means.std(axis=0), expected.std(axis=0), atol=0.03)


def test_the_walk_takes_its_numbers_in_order() -> None:
    known = np.full((3, N), np.nan, np.float32)
    known[:, 1] = 1
    found = islice(walks.walk_of(SMALL, theta(), binary(3, N), generator(), known), 3)
    rng, x, h_2 = generator(), binary(3, N), np.zeros((3, 4))
    W_1, W_2, b_0, b_1, b_2 = theta().values()
    x[:, 1] = 1
    for means in found:
        u = rng.random(x.shape, dtype=np.float32)
        salted = np.where(u < 0.15, 0, np.where(u < 0.3, 1, x))
        e, e_after = (0.5 * rng.standard_normal((3, 4), dtype=np.float32) for _ in range(2))
        h_1 = np.tanh(salted @ W_1 + h_2 @ W_2.T + b_1)
        expected = 1 / (1 + np.exp(-(h_1 @ W_1.T + b_0)))
        expected[:, 1] = 1
        np.testing.assert_allclose(means, expected, rtol=1e-5)
        assert means.dtype == np.float32
        h_2 = np.tanh(h_1 @ W_2 + b_2 + e) + e_after
        x = (rng.random(x.shape, dtype=np.float32) < expected).astype(float)
        x[:, 1] = 1


def generator() -> np.random.Generator:
    return draws.generator(3, "numbers", 0)


def test_given_values_stay_and_the_others_move() -> None:
    known = np.full((M, N), np.nan, np.float32)
    known[:, :2] = 1
    start = binary(M, N)
    first, second = islice(
        walks.walk_of(SMALL, theta(), start, draws.generator(0, "a", 0), known), 2
    )
    for means in (first, second):
        assert (means[:, :2] == 1).all()
        assert ((means[:, 2:] > 0) & (means[:, 2:] < 1)).all()
    assert (first[:, 2:] != second[:, 2:]).all()


def test_the_given_values_are_inputs_of_the_first_step() -> None:
    quiet = GSN(N, (5, 4), noise=0.0, salt=0.0)
    known = np.full((1, N), np.nan, np.float32)
    known[0, 0] = 1
    x = np.zeros((1, N), np.float32)
    means = next(walks.walk_of(quiet, theta(), x, draws.generator(0, "a", 0), known))
    x[0, 0] = 1
    W = theta()["W_1"]
    expected = 1 / (1 + np.exp(-np.tanh(x @ W) @ W.T))
    np.testing.assert_allclose(means[:, 1:], expected[:, 1:], rtol=1e-5)


def test_steps_between_changes_are_counted_over_all_chains() -> None:
    walk = iter(np.array([[0, 5], [0, 5], [1, 5], [0, 5], [0, 5], [0, 6]])[..., None])
    # three changes in two chains of five steps each, and the class -1 below 0
    found = walks.steps_between_changes(walk, lambda x: np.maximum(x[:, 0], -1), 6)
    assert found == pytest.approx(10 / 3)
    walk = iter(np.zeros((4, 2, 1)))
    assert walks.steps_between_changes(walk, lambda x: np.zeros(2), 4) == 6


def test_the_cost_of_mixing_is_the_slope_over_halvings() -> None:
    assert walks.cost_of_mixing(np.array([16, 8, 2]), np.array([1, 4, 10])) == pytest.approx(3)


def test_the_corrupted_reconstruction_error_is_the_cross_entropy_of_one_step() -> None:
    quiet, x = GSN(N, (5, 4), noise=0.0, salt=0.0), binary(M, N)
    W = theta()["W_1"]
    p = 1 / (1 + np.exp(-np.tanh(x @ W) @ W.T))
    expected = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1).mean()
    assert walks.corrupted_reconstruction_error(quiet, theta(), x, 0) == pytest.approx(
        expected, rel=1e-5
    )


def test_the_corrupted_images_are_those_of_the_stream() -> None:
    x = binary(M, N)
    steps = random_walk(SMALL, theta(), x, 1, draws.generator(5, "table 2/reconstruction", 0))
    p = 1 / (1 + np.exp(-steps[0].r.astype(float)))
    expected = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1).mean()
    found = walks.corrupted_reconstruction_error(SMALL, theta(), x, 5)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("errors", "step"),
    [
        ([1, 1, 1, 1], 1),
        ([2, 1, 1, 1], 2),
        ([2, 1, 2, 1.04, 1, 1, 1, 1], 4),
        ([0.5, 1.06, 0.96, 1, 1, 1, 1, 1], 3),
    ],
)
def test_the_error_has_settled_after_its_last_step_outside_the_tolerance(
    errors: list[float], step: int
) -> None:
    assert walks.settling_time(np.array(errors)) == step


def test_the_limit_is_the_mean_of_the_second_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "TOLERANCE", 0.25)  # the limit is 8: from 6 to 10 all have settled
    assert walks.settling_time(np.array([6.25, 10, 9, 7])) == 1
    assert walks.settling_time(np.array([5.5, 10, 9, 7])) == 2


def test_the_completion_error_is_that_of_the_missing_half() -> None:
    x, start = binary(M, N), binary(M, N)[::-1]
    found = walks.completion_errors(SMALL, theta(), x, start, 2, seed=5)
    known = np.where(np.arange(N) < N // 2, x, np.nan).astype(np.float32)
    rng = draws.generator(5, "table 2/completion", 0)
    walk = walks.walk_of(SMALL, theta(), start, rng, known)
    errors = [((means - x)[:, N // 2 :] ** 2).mean() for means in islice(walk, 2)]
    np.testing.assert_allclose(found, errors, rtol=1e-6)
    assert found.shape == (2,)
