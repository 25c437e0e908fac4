"""Objectives: equilibrium, the buffer of a gradient, and functions of your own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from minigan import objectives

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
LOGITS = st.lists(st.floats(-600, 600), min_size=1, max_size=6)


def column(values: list[float], dtype: Any = np.float64) -> Any:
    return np.array(values, dtype=dtype)[:, None]


def test_the_equilibrium_values_are_those_of_the_paper() -> None:
    minimax, non_saturating = objectives.minimax, objectives.non_saturating
    zero, log_3 = np.zeros((4, 1)), np.full((4, 1), LOG_3)  # D = 1/2 and D = 3/4
    for value, expected in (
        (objectives.value(zero, zero), -2 * LOG_2),
        (minimax.loss(zero), -LOG_2),
        (non_saturating.loss(zero), LOG_2),
        # At D = 1/2, log D = log(1 - D). At D = 3/4, log D = log 3 - 2 log 2 differs from
        # log(1 - D) = -2 log 2, in each term alone.
        (objectives.value(log_3, zero), LOG_3 - 2 * LOG_2 - LOG_2),
        (objectives.value(zero, log_3), -LOG_2 - 2 * LOG_2),
        (minimax.loss(log_3), -2 * LOG_2),
        (non_saturating.loss(log_3), 2 * LOG_2 - LOG_3),
    ):
        assert abs(value - expected) <= 1e-15
    for objective, loss in ((minimax, -LOG_2), (non_saturating, LOG_2)):
        assert objective.equilibrium == (-2 * LOG_2, loss, 0.5)
        np.testing.assert_array_equal(objective.D(zero), 0.5)
    assert objectives.LOG_4 == 2 * LOG_2


def test_each_objective_has_its_name_as_key() -> None:
    assert [one.name for one in objectives.PAPER] == ["minimax", "non_saturating"]  # its order
    assert [one.name for one in objectives.OBJECTIVES.values()] == list(objectives.OBJECTIVES)
    with pytest.raises(FrozenInstanceError):
        objectives.minimax.name = "other"  # type: ignore[misc]


def test_the_value_and_its_gradient_together_are_weighted_and_those_of_eq_1():
    rng = np.random.default_rng(2)
    a, da = rng.standard_normal((6, 1)), np.empty((6, 1))
    sigma = 1 / (1 + np.exp(-a))
    V = objectives.minimax.value_with_gradient(a, 0.5, out=da)
    assert pytest.approx(np.log(sigma[:3]).mean() + np.log(1 - sigma[3:]).mean()) == V
    np.testing.assert_allclose(da[:3], 0.5 * (1 - sigma[:3]) / 3, rtol=1e-14)
    np.testing.assert_allclose(da[3:], -0.5 * sigma[3:] / 3, rtol=1e-14)


@pytest.mark.parametrize("objective", objectives.OBJECTIVES.values(), ids=lambda o: o.name)
def test_the_loss_and_its_gradient_together_are_those_of_the_objective(objective):
    a, a_real = np.random.default_rng(3).standard_normal((2, 5, 1))
    da, logits = np.empty((5, 1)), (a, a_real) if objective.pairs else (a,)
    assert objective.loss_with_gradient(a, a_real, out=da) == objective.loss(*logits)
    np.testing.assert_array_equal(da, objective.loss_gradient(*logits))


def test_a_loss_of_pairs_without_the_logits_of_the_examples_is_refused():
    with pytest.raises(ValueError, match=r"^the loss of relativistic compares .* pass a_real$"):
        objectives.relativistic.loss_with_gradient(np.zeros((2, 1)), out=np.empty((2, 1)))


def test_both_players_give_the_functions_of_an_objective_the_buffer_for_the_gradient():
    buffers = []

    def halves(a_real, a_fake, *, out):
        buffers.append(out)
        return objectives.value_gradient(a_real, a_fake, out=out)

    def whole(a, *, out):
        buffers.append(out)
        return objectives.minimax_gradient(a, out=out)

    objective = replace(objectives.minimax, value_gradient=halves, loss_gradient=whole)
    a, da = np.zeros((6, 1)), np.empty((6, 1))
    objective.value_with_gradient(a, 1.0, out=da)
    objective.loss_with_gradient(a, out=da)
    (real, fake), out = buffers
    for buffer, rows in ((real, da[:3]), (fake, da[3:]), (out, da)):
        assert buffer.__array_interface__ == rows.__array_interface__


def test_the_functions_of_an_objective_may_return_new_arrays():
    """V = mean a_real - mean a_fake and G's loss = -mean a_fake have constant gradients."""
    objective = objectives.Objective(
        "critic",
        loss=lambda a: -a.mean(),
        loss_gradient=lambda a, *, out: np.full(a.shape, -1 / len(a)),
        equilibrium=objectives.Equilibrium(0.0, 0.0, 0.5),
        value=lambda a_real, a_fake: a_real.mean() - a_fake.mean(),
        value_gradient=lambda a_real, a_fake, *, out: (
            np.full(a_real.shape, 1 / len(a_real)),
            np.full(a_fake.shape, -1 / len(a_fake)),
        ),
    )
    a, da = column([1.0, 2.0, 3.0, 5.0]), np.full((4, 1), np.nan)
    assert objective.value_with_gradient(a, 3.0, out=da) == 1.5 - 4
    np.testing.assert_array_equal(da, column([1.5, 1.5, -1.5, -1.5]))
    da[:] = np.nan
    assert objective.loss_with_gradient(a, out=da) == -2.75
    np.testing.assert_array_equal(da, -0.25)


def test_a_gradient_of_V_without_its_second_part_is_refused():
    objective = replace(objectives.minimax, value_gradient=lambda a_real, a_fake, *, out: out[:1])
    with pytest.raises(ValueError, match="shorter"):
        objective.value_with_gradient(np.zeros((2, 1)), 1.0, out=np.empty((2, 1)))


def test_the_objectives_of_the_paper_are_in_nats() -> None:
    assert {objective.unit for objective in objectives.PAPER} == {"nats"}
