"""LL as a function of the number of samples: the first n samples, with sigma chosen for each n."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.data import digits
from minigan.evaluation.likelihood_curves import against_n, prefixes
from minigan.evaluation.protocol import choose, score

RNG = np.random.default_rng(5)
SAMPLES, VALIDATION, TEST = RNG.random((35, 4)), RNG.random((6, 4)), RNG.random((5, 4))


@pytest.mark.parametrize(
    ("N", "expected"),
    [
        (1, (1,)),
        (10, (10,)),
        (11, (10, 11)),
        (30, (10, 30)),
        (100, (10, 30, 100)),
        (101, (10, 30, 100, 101)),
        (10_000, (10, 30, 100, 300, 1000, 3000, 10_000)),
    ],
)
def test_the_numbers_of_samples_by_hand(N, expected):
    assert prefixes(N) == expected


def test_an_empty_set_of_samples_raises_an_error():
    with pytest.raises(ValueError, match="the number of samples must be at least 1, not 0"):
        prefixes(0)


def slow_mean(x, samples, sigma):
    """The mean of log p over x, one exponential at a time."""
    found = []
    for one in x.tolist():
        terms = [math.exp(-(math.dist(one, s) ** 2) / (2 * sigma**2)) for s in samples.tolist()]
        normaliser = len(one) * math.log(sigma * math.sqrt(2 * math.pi))
        found.append(math.log(sum(terms) / len(terms)) - normaliser)
    return sum(found) / len(found)


def test_each_point_is_the_score_of_the_first_n_samples_with_their_own_sigma():
    whole = score(SAMPLES, TEST, choose(SAMPLES, VALIDATION))
    scores = against_n(SAMPLES, VALIDATION, TEST, whole)
    assert [one.N for one in scores] == [10, 30, 35]
    assert scores[-1] is whole
    for one in scores[:-1]:
        first = SAMPLES[: one.N]
        sigma = max(np.logspace(-1, 0, 10), key=lambda sigma: slow_mean(VALIDATION, first, sigma))
        assert one.choice.sigma == sigma
        assert pytest.approx(slow_mean(TEST, first, sigma), rel=1e-10) == one.LL


def test_fewer_samples_get_a_larger_sigma_and_score_lower_with_the_sigma_of_all_samples():
    x, validation, test = (digits.load(split).all() for split in ("train", "validation", "test"))
    samples, whole_sigma = x[:300], choose(x[:300], validation).sigma
    scores = against_n(samples, validation, test, score(samples, test, choose(samples, validation)))
    assert scores[0].choice.sigma > whole_sigma
    assert slow_mean(test, x[:10], whole_sigma) < scores[0].LL
    assert [one.LL for one in scores] == sorted(one.LL for one in scores)


def test_the_whole_score_must_belong_to_the_same_number_of_samples():
    whole = score(SAMPLES, TEST, choose(SAMPLES, VALIDATION))
    with pytest.raises(ValueError, match="`whole` is a score of 35 samples, but there are 34"):
        against_n(SAMPLES[:34], VALIDATION, TEST, whole)


def test_float64_is_the_default():
    """For pixels near 1e6, distances in float32 have no correct digits."""
    far = [each + 1e6 for each in (SAMPLES, VALIDATION, TEST)]
    whole = score(far[0], far[2], choose(far[0], far[1], dtype=np.float64), dtype=np.float64)
    near = against_n(SAMPLES, VALIDATION, TEST, whole)
    for one, other in zip(against_n(*far, whole), near, strict=True):
        assert pytest.approx(other.LL, abs=0.05) == one.LL
    single = against_n(*far, whole, dtype=np.float32)
    assert abs(single[0].LL - near[0].LL) > 1
