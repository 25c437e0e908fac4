"""The score of samples by the protocol, and the samples that it refuses."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from minigan.data import digits, sets
from minigan.errors import UserError
from minigan.evaluation import protocol
from minigan.evaluation.protocol import choose, finer, score
from minigan.reports.likelihood import Source, estimate, scoring

DIGITS = sets.load("digits")


def samples(N: int = 50, seed: int = 0) -> Any:
    noise = np.random.default_rng(seed).normal(0, 0.05, (N, 64))
    return np.clip(DIGITS.train.all()[:N] + noise, 0, 1).astype(np.float32)


def test_the_score_is_that_of_the_protocol_on_validation_and_test_images() -> None:
    x = samples()
    found = estimate(Source(x, "samples"), DIGITS, refine=True, with_baselines=False)
    validation, test = DIGITS.validation.all(), DIGITS.test.all()
    choice = choose(x, validation)
    assert found.score == score(x, test, choice)
    assert found.refined == score(x, test, choose(x, validation, finer(choice)))
    assert found.baselines == ()
    assert (found.lowest, found.highest) == (float(x.min()), float(x.max()))
    assert found.distinct == 50


def test_samples_are_checked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.clip(samples(50), 0.1, 0.9)
    x[3, 5], x[47, 2], x[20], x[41] = -0.5, 1.5, x[0], x[0]
    monkeypatch.setattr(scoring, "BLOCK", 7 * 64)
    found = estimate(Source(x, "samples"), DIGITS, with_baselines=False)
    assert (found.lowest, found.highest, found.distinct) == (-0.5, 1.5, 48)


def test_only_the_first_validation_images_choose_sigma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "VALIDATION", 20)
    found = estimate(Source(samples(), "samples"), DIGITS, with_baselines=False)
    assert found.score.choice == choose(samples(), DIGITS.validation.all()[:20])


def test_pixel_values_outside_0_and_1_are_scored_in_float64() -> None:
    for x in (255 * samples(20).astype(np.float64), 2 * samples(20) - 1):
        found = estimate(Source(x, "another range"), DIGITS, with_baselines=False)
        choice = choose(x, DIGITS.validation.all(), dtype=np.float64)
        assert found.score == score(x, DIGITS.test.all(), choice, dtype=np.float64)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e200, -1e200])
def test_pixel_values_that_are_not_finite_raise_an_error(value: float) -> None:
    x = samples(20).astype(np.float64)
    x[-1, -1] = value
    with pytest.raises(UserError, match="samples: some pixel values are NaN, infinite or larger"):
        estimate(Source(x, "samples"), DIGITS, with_baselines=False)


def test_points_raise_an_error() -> None:
    with pytest.raises(UserError, match="ring contains points"):
        estimate(Source(np.zeros((2, 2)), "points"), sets.load("ring"))


def test_all_validation_and_test_digits_are_used() -> None:
    assert len(DIGITS.validation) < 1000  # so all of them are used to choose sigma
    found = estimate(Source(samples(), "samples"), DIGITS, with_baselines=False)
    assert found.score.tests == len(digits.load("test"))


def test_distinct_samples_are_counted_with_8_bytes_each() -> None:
    N = 50_000
    rows = np.arange(2 * N).astype(np.uint32).view(np.uint8).reshape(-1, 8)
    rows[: N // 2] = rows[N // 2 :]
    tracemalloc.start()
    found = scoring._pixel_range_and_distinct(Source(rows, ""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == (0.0, 255.0, N // 2)
    assert peak < 30 * N  # the hashes, and the comparison of neighbours
