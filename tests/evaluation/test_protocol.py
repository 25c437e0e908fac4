"""The protocol of the Parzen estimate: the grid, the choice of sigma, the error, the folds."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from minigan.evaluation import protocol
from minigan.evaluation.parzen import log_likelihoods
from minigan.evaluation.protocol import Choice, Folds, Score, choose, finer, over_folds, score

RNG = np.random.default_rng(0)
SAMPLES, VALIDATION, TEST = (RNG.random((N, 4)) for N in (60, 30, 50))


CHOICE = Choice(0.2, (0.1, 0.2, 0.3), (1.0, 3.0, 2.0))


class Rows:
    """The rows of an array as examples."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __len__(self) -> int:
        return len(self.x)

    def gather(self, indices: Any) -> Any:
        return self.x[indices]


def test_the_grid_is_the_papers() -> None:
    assert len(protocol.GRID) == 10
    for k, sigma in enumerate(protocol.GRID):
        assert sigma == pytest.approx(10 ** (-1 + k / 9), rel=1e-12)
    assert (protocol.VALIDATION, protocol.SAMPLES, protocol.FINER) == (1000, 10_000, 21)


def test_the_sigma_is_the_one_under_which_the_validation_images_are_likeliest() -> None:
    choice = choose(SAMPLES, VALIDATION)
    means = [
        log_likelihoods(VALIDATION, SAMPLES, np.array([sigma]))[0].mean() for sigma in protocol.GRID
    ]
    np.testing.assert_allclose(choice.means, means, rtol=1e-6)
    assert choice.sigma == protocol.GRID[int(np.argmax(means))]
    assert choice.sigmas == tuple(protocol.GRID)
    assert not choice.at_edge


def test_the_validation_images_are_the_first_1000() -> None:
    x = np.arange(1001.0)[:, None]
    np.testing.assert_array_equal(protocol.validation_images(Rows(x)), x[:1000])
    np.testing.assert_array_equal(protocol.validation_images(Rows(x[:7])), x[:7])


def test_the_options_reach_the_estimate() -> None:
    distances: list[int] = []
    choice = choose(SAMPLES, VALIDATION, advance=distances.append)
    assert sum(distances) == 60 * 30
    score(SAMPLES, TEST, choice, advance=distances.append)
    assert sum(distances) == 60 * (30 + 50)
    over_folds(lambda number: SAMPLES, [(VALIDATION, TEST)], advance=distances.append)
    assert sum(distances) == 2 * 60 * (30 + 50)


def test_at_a_tie_the_smallest_sigma_is_chosen() -> None:
    # For x = s in one dimension log p falls with sigma, so equal sigmas tie.
    choice = choose(np.zeros((1, 1)), np.zeros((1, 1)), np.array([0.2, 0.2, 0.3]))
    assert (choice.sigma, choice.LL) == (0.2, choice.means[0])
    assert pytest.approx(-math.log(0.2 * math.sqrt(2 * math.pi)), rel=1e-6) == choice.LL


def test_the_LL_of_a_choice_is_the_mean_at_its_sigma() -> None:
    assert CHOICE.LL == 3
    assert not CHOICE.at_edge


@pytest.mark.parametrize("one", [CHOICE, Score(0.0, 0.0, CHOICE, 1, 1, 1), Folds(())])
def test_the_results_cannot_be_changed(one: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        one.sigma = 1.0


@pytest.mark.parametrize(("scale", "edge"), [(1e-3, 0), (100.0, -1)])
def test_a_sigma_at_the_edge_of_the_grid_is_reported(scale: float, edge: int) -> None:
    choice = choose(scale * SAMPLES, scale * VALIDATION, dtype=np.float64)
    assert choice.at_edge
    assert choice.sigma == protocol.GRID[edge]


def test_the_score_is_the_mean_of_the_test_images_with_its_standard_error() -> None:
    choice = choose(SAMPLES, VALIDATION)
    each = log_likelihoods(TEST, SAMPLES, np.array([choice.sigma]))[0].tolist()
    mean = math.fsum(each) / len(each)
    variance = math.fsum((one - mean) ** 2 for one in each) / len(each)
    found = score(SAMPLES, TEST, choice)
    assert pytest.approx(mean, rel=1e-12) == found.LL
    assert found.error == pytest.approx(math.sqrt(variance / len(each)), rel=1e-9)
    assert (found.N, found.tests, found.d, found.choice) == (60, 50, 4, choice)
    assert found.bits == pytest.approx(mean / 0.6931471805599453)
    assert found.per_dimension == pytest.approx(mean / 4)


def test_the_finer_grid_spans_the_neighbours_of_the_best_sigma_and_contains_it() -> None:
    sigmas = tuple(protocol.GRID)
    for i in range(10):
        found = finer(Choice(sigmas[i], sigmas, (0.0,) * 10))
        assert sigmas[i] in found
        assert found[0] == pytest.approx(sigmas[max(0, i - 1)])
        assert found[-1] == pytest.approx(sigmas[min(9, i + 1)])
        assert len(found) == (11 if i in (0, 9) else 21)
        ratios = found[1:] / found[:-1]
        np.testing.assert_allclose(ratios, 10 ** (1 / 90), rtol=1e-9)


def test_a_finer_grid_never_makes_the_validation_images_less_likely() -> None:
    choice = choose(SAMPLES, VALIDATION)
    assert max(choose(SAMPLES, VALIDATION, finer(choice)).means) >= max(choice.means) - 1e-9


def test_the_folds_of_TFD_have_a_sigma_each_and_the_error_of_their_mean() -> None:
    folds = [(VALIDATION[i::5], TEST[i::5] * (1 + i)) for i in range(5)]
    calls: list[int] = []

    def samples_of(number: int) -> np.ndarray:
        calls.append(number)
        return SAMPLES * (1 + 0.1 * number)

    found = over_folds(samples_of, folds)
    assert calls == [0, 1, 2, 3, 4]
    for number, (validation, test) in enumerate(folds):
        samples = SAMPLES * (1 + 0.1 * number)
        assert found.folds[number] == score(samples, test, choose(samples, validation))
    scores = [fold.LL for fold in found.folds]
    assert pytest.approx(sum(scores) / 5) == found.LL
    spread = math.sqrt(sum((one - found.LL) ** 2 for one in scores) / 5)
    assert found.error == pytest.approx(spread / math.sqrt(5))


def test_folds_by_hand() -> None:
    choice = Choice(0.2, (0.1, 0.2), (0.0, 1.0))
    found = Folds(tuple(Score(LL, 0.0, choice, 1, 1, 1) for LL in (1.0, 3.0)))
    assert (found.LL, found.error) == (2.0, pytest.approx(1 / math.sqrt(2)))
    assert choice.at_edge
