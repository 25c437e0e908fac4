"""The protocol of the Parzen estimate: the grid, the choice of sigma, the error, the folds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.evaluation import protocol
from minigan.evaluation.parzen import log_likelihoods
from minigan.evaluation.protocol import Choice, Folds, Score, choose, finer, over_folds, score

RNG = np.random.default_rng(0)
SAMPLES, VALIDATION, TEST = (RNG.random((N, 4)) for N in (60, 30, 50))


def test_the_grid_is_the_papers() -> None:
    assert len(protocol.GRID) == 10
    for k, sigma in enumerate(protocol.GRID):
        assert sigma == pytest.approx(10 ** (-1 + k / 9), rel=1e-12)
    assert (protocol.VALIDATION, protocol.SAMPLES) == (1000, 10_000)


def test_the_sigma_is_the_one_under_which_the_validation_images_are_likeliest() -> None:
    choice = choose(SAMPLES, VALIDATION)
    means = [
        log_likelihoods(VALIDATION, SAMPLES, np.array([sigma]))[0].mean() for sigma in protocol.GRID
    ]
    np.testing.assert_allclose(choice.means, means, rtol=1e-6)
    assert choice.sigma == protocol.GRID[int(np.argmax(means))]
    assert choice.sigmas == tuple(protocol.GRID)
    assert not choice.at_edge


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
