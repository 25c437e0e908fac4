"""The cells of adversarial models, for a G that copies z, and for known numbers of modes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigan.backends import open_backend
from minigan.data import toys
from minigan.draws.noise import gaussian
from minigan.finite import NotFiniteError
from minigan.layers import Linear
from minigan.network import Network
from minigan.reports.table2 import adversarial
from minigan.reports.table2.models import Models
from minigan.training.experiment import Experiment
from minigan.training.parts import Parts
from minigan.training.sampler import Sampler


def copying() -> Models:
    """G(z) = z, for two coordinates of z."""
    G = Network(2, (Linear(2, 1.0),))
    theta_g = G.zeros()
    theta_g["linear1.W"][...] = np.eye(2)
    models = Models(0)
    vars(models)["gan"] = Sampler(G, theta_g, gaussian, open_backend("cpu"))
    vars(models)["direction"] = np.ones(2)
    return models


def test_the_modes_of_each_recipe_and_the_number_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        adversarial, "modes_found", lambda name, seed, iterations: len(name) + iterations + seed
    )
    measured = adversarial.training_of_adversarial(Models(1), ["toy", "helvetica"], iterations=10)
    assert (measured.value, measured.details) == (20, {"modes": {"toy": 14, "helvetica": 20}})


def test_E_learns_the_z_that_G_copies() -> None:
    before, after = (adversarial.inference_of_adversarial(copying(), n).value for n in (0, 400))
    assert before < 0.5
    assert after > 0.9


def test_samples_are_independent() -> None:
    measured = adversarial.sampling_of_adversarial(copying(), chains=20, steps=2000)
    assert measured.value == pytest.approx(2000, rel=0.06)
    assert measured.unit == "of 2,000 draws"


def test_the_parzen_estimate_is_near_the_exact_density_of_the_line() -> None:
    measured = adversarial.evaluating_of_adversarial(
        Models(0), 1, bins=500, samples=2000, tests=200
    )
    assert measured.value == abs(measured.details["bias"]) < 0.1
    rough = adversarial.evaluating_of_adversarial(Models(0), 1, bins=500, samples=10, tests=200)
    assert rough.value > 2 * measured.value


def test_a_G_counts_from_seven_modes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    modes = iter([8, 7, 6, 0, 8])

    def found(recipe: str, seed: int, iterations: int, parts: Parts) -> int:
        assert (recipe, seed, iterations) == ("toy", 3, 5)
        assert parts.G in adversarial.generators().values()
        return next(modes)

    monkeypatch.setattr(adversarial, "modes_found", found)
    measured = adversarial.design_of_adversarial(Models(3), iterations=5)
    assert (measured.value, measured.unit) == (3, "of 5 networks G")
    assert measured.details["gradient_of_a_rounded_G"] == 0


def test_the_modes_are_counted_after_all_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(Experiment, "iterate", lambda self, t: done.append(t))

    def samples(self: Experiment, count: int) -> Any:
        assert done == [0, 1, 2]
        return np.repeat(toys.ring().means[:6], count // 6, axis=0)

    monkeypatch.setattr(Experiment, "samples", samples)
    assert adversarial.modes_found("toy", 0, 3) == 6

    def fail(self: Experiment, t: int) -> None:
        raise NotFiniteError("V is nan")

    monkeypatch.setattr(Experiment, "iterate", fail)
    assert adversarial.modes_found("toy", 0, 3) == 0


def test_the_networks_differ_and_can_be_the_G_of_the_ring() -> None:
    found = adversarial.generators()
    assert len({G.layers for G in found.values()}) == 5
    for G in found.values():
        assert (G.inputs, G.outputs, G.mask_sizes) == (4, 2, [])
