"""The cells of generative autoencoders: how the measures are used, with measures that are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from minigan import draws
from minigan.arrays import Array
from minigan.reports.table2 import autoencoders
from minigan.reports.table2.models import MODELS, Models


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setitem(MODELS["GSN"], "updates", 1)
    return Models(0)


def test_the_price_of_mixing_is_that_of_all_models(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    trained = []

    def error(gsn: Any, theta: Any, x: Array, seed: int) -> float:
        trained.append(gsn.salt)
        return {0.1: 1.0, 0.2: 4.0, 0.4: 10.0}[gsn.salt]

    changes = iter([16.0, 8.0, 2.0])
    monkeypatch.setattr(autoencoders, "corrupted_reconstruction_error", error)
    monkeypatch.setattr(autoencoders, "steps_between_changes", lambda *walk: next(changes))
    measured = autoencoders.training_of_autoencoders(models, [0.1, 0.2, 0.4], chains=3, steps=5)
    assert trained == [0.1, 0.2, 0.4]
    assert measured.value == pytest.approx(3)  # three halvings cost nine nats
    assert measured.details["steps_between_changes"] == [16, 8, 2]


def test_inference_takes_the_steps_until_the_error_has_settled(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    errors = np.array([3, 2, 1, 1, 1, 1], np.float32)
    monkeypatch.setattr(autoencoders, "completion_errors", lambda *walk: errors)
    measured = autoencoders.inference_of_autoencoders(models, steps=6)
    assert (measured.value, measured.unit) == (3, "steps")
    assert json.dumps(measured.details) == '{"first": 3.0, "last": 1.0}'


def test_a_chain_is_measured_after_its_burn_in(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    def walk(gsn: Any, theta: Any, start: Array, rng: np.random.Generator) -> Iterator[Array]:
        for step in range(2010):
            x = draws.generator(0, "walk", step).standard_normal(start.shape)
            yield x + 1e6 * step if step < 10 else x

    monkeypatch.setattr(autoencoders, "walk_of", walk)
    measured = autoencoders.sampling_of_autoencoders(models, chains=16, burn_in=10, steps=2000)
    assert measured.value == pytest.approx(2000, rel=0.06)
    assert measured.unit == "of 2,000 steps"


def test_the_error_is_that_of_the_first_dimension(models: Models) -> None:
    measured = autoencoders.evaluating_of_autoencoders(models, [8, 1], samples=200, tests=50)
    assert measured.value == -measured.details["bias"]["8"] > 0
    assert list(measured.details["bias"]) == ["1", "8"]


def test_an_encoder_counts_if_its_step_is_exact(
    monkeypatch: pytest.MonkeyPatch, models: Models
) -> None:
    measured = autoencoders.design_of_autoencoders(models)
    assert (measured.value, measured.unit) == (5, "of 5 encoders")
    monkeypatch.setattr(autoencoders, "worst_error", lambda name, seed: 1e-3 * (name == "ReLU"))
    assert autoencoders.design_of_autoencoders(models).value == 4
