"""The metrics equal Eq. 1 written with probabilities."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from minigan import objectives
from minigan.algorithm_1 import Logits
from minigan.training.metrics import METRICS, SAVE_METRICS, Metrics, compute_metrics

REAL, FAKE, SAMPLE = [0.5, -1.0, 2.0], [-0.25, 1.5, -3.0], [0.75, -2.0, 0.0]
PAIRED = [1.0, -1.5, 0.25]
LOGITS = Logits(*(np.array(a)[:, None] for a in (REAL, FAKE, SAMPLE, PAIRED)))


def D(a):
    return 1 / (1 + math.exp(-a))


def mean(values):
    return math.fsum(values) / 3


def test_V_D_x_and_D_Gz_come_from_the_last_D_step():
    m = compute_metrics(LOGITS, objectives.minimax)
    V = mean(math.log(D(a)) for a in REAL) + mean(math.log(1 - D(a)) for a in FAKE)
    assert pytest.approx(V, rel=1e-14) == m.V
    assert pytest.approx(mean(D(a) for a in REAL), rel=1e-14) == m.D_x
    assert pytest.approx(mean(D(a) for a in FAKE), rel=1e-14) == m.D_Gz


def test_the_loss_of_G_comes_from_the_G_step_and_its_objective():
    minimax = compute_metrics(LOGITS, objectives.minimax).loss_g
    assert minimax == pytest.approx(mean(math.log(1 - D(a)) for a in SAMPLE), rel=1e-14)
    non_saturating = compute_metrics(LOGITS, objectives.non_saturating).loss_g
    assert non_saturating == pytest.approx(-mean(math.log(D(a)) for a in SAMPLE), rel=1e-14)
    relativistic = compute_metrics(LOGITS, objectives.relativistic).loss_g
    pairs = zip(SAMPLE, PAIRED, strict=True)
    assert relativistic == pytest.approx(-mean(math.log(D(a - b)) for a, b in pairs), rel=1e-14)


def test_the_measures_are_plain_floats_for_json():
    m = compute_metrics(Logits(*(a.astype(np.float32) for a in LOGITS)), objectives.minimax)
    assert {type(value) for value in m.line().values()} == {float}
    with_penalty = compute_metrics(LOGITS, objectives.minimax, np.float32(0.25)).penalty
    assert (with_penalty, type(with_penalty)) == (0.25, float)


def test_a_penalty_is_in_the_line_and_in_the_text_only_if_there_is_one():
    without = compute_metrics(LOGITS, objectives.minimax)
    with_penalty = compute_metrics(LOGITS, objectives.minimax, 0.0)
    assert list(without.line()) == ["V", "loss_g", "D_x", "D_Gz"]
    assert with_penalty.line() == {**without.line(), "penalty": 0.0}
    text = without.describe(objectives.minimax)
    assert with_penalty.describe(objectives.minimax) == f"{text}  penalty 0.000"


@pytest.mark.parametrize(("objective", "sign"), [("minimax", -1), ("non_saturating", 1)])
def test_at_the_equilibrium_every_metric_equals_the_value_in_brackets(objective, sign):
    chosen = objectives.OBJECTIVES[objective]
    zeros = np.zeros((4, 1))
    m = compute_metrics(Logits(*4 * (zeros,)), chosen)
    expected = Metrics(-math.log(4), sign * math.log(2), 0.5, 0.5)
    assert m.line() == pytest.approx(expected.line(), rel=1e-15)
    loss = f"{sign * math.log(2):.3f}"
    assert m.describe(chosen) == (
        f"D(x) 0.50  D(G(z)) 0.50 [0.50]  V -1.386 [-1.386]  G {loss} [{loss}]"
    )


def test_metrics_cannot_be_changed():
    metrics = compute_metrics(LOGITS, objectives.minimax)
    with pytest.raises(dataclasses.FrozenInstanceError):
        metrics.V = 0.0


def test_the_fields_of_the_log_have_these_names():
    assert METRICS == ("V", "loss_g", "D_x", "D_Gz", "penalty")
    distances = ("validation_distance", "validation_LL", "sigma")
    of_points = ("modes", "near", "modes_KL")
    of_images = ("classes", "rarest", "classifier_error", "diversity")
    assert (*distances, *of_points, *of_images, "collapsed") == SAVE_METRICS
