"""The cells of undirected models, for machines without connections: they are exact there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.parameters import Parameters
from minigan.reports.table2 import undirected
from minigan.reports.table2.models import Models
from minigan.theory.relatives.rbm import RBM


def independent() -> Models:
    """An RBM with W = 0 whose visible units have the marginals of the digits."""
    models = Models(0)
    p = np.clip(models.train.mean().astype(np.float64), 0.01, 0.99)
    theta = Parameters.zeros(RBM(64, 3).shapes, np.float64)
    theta["b"][...] = np.log(p / (1 - p))
    upper = Parameters.zeros(RBM(3, 2).shapes, np.float64)
    vars(models)["rbm"] = theta
    vars(models)["dbm"] = theta, upper
    return models


def test_one_step_is_enough_for_CD_if_units_are_independent() -> None:
    models = independent()
    models.rbm["b"][...] += 1  # or the exact gradient is nearly 0
    assert undirected.training_of_undirected(models, repeats=20).value > 0.999


def test_mean_field_is_exact_for_independent_units_only() -> None:
    models = independent()
    measured = undirected.inference_of_undirected(models, images=5, sweeps=3)
    assert measured.value == pytest.approx(0, abs=1e-12)
    models.dbm[1]["W"][...] = 2
    measured = undirected.inference_of_undirected(models, images=5, sweeps=30)
    assert 0.001 < measured.value <= measured.details["largest"]


def test_a_chain_of_independent_units_has_as_many_samples_as_steps() -> None:
    measured = undirected.sampling_of_undirected(independent(), chains=16, burn_in=2, steps=2000)
    assert measured.value == pytest.approx(2000, rel=0.06)
    assert measured.unit == "of 2,000 steps"


def test_AIS_from_the_same_marginals_is_exact() -> None:
    models = independent()
    measured = undirected.evaluating_of_undirected(models, temperatures=3, chains=2)
    log_Z = np.log1p(np.exp(models.rbm["b"])).sum() + 3 * math.log(2)
    assert measured.details["log_Z"] == pytest.approx(log_Z, abs=1e-9)
    assert measured.value < 1e-9
    models.rbm["W"][...] = 0.5
    measured = undirected.evaluating_of_undirected(models, temperatures=3, chains=2)
    difference = measured.details["AIS"] - measured.details["log_Z"]
    assert measured.value == abs(difference) > 0.01


def test_of_the_designs_only_the_RBM_is_balanced() -> None:
    measured = undirected.design_of_undirected(independent(), n=4, hidden=3)
    assert (measured.value, measured.unit) == (1, "of 4 designs")
    assert measured.details["violation"]["RBM"] < 1e-15
