"""Margins: which rows count, values and gradients by hand, and the objectives that are kept."""

from __future__ import annotations

import numpy as np
import pytest
from slow import H

from minigan.objectives import (
    EVERY_ROW,
    minimax,
    non_saturating,
    value,
    value_gradient,
    with_margins,
)
from minigan.objectives.margin import PartOfV

# D = 0.05, 0.55, 0.65, 0.95, as logits.
D = np.array([[0.05], [0.55], [0.65], [0.95]])
A = np.log(D / (1 - D))


@pytest.mark.parametrize(("margin", "count"), [(0.0, 1), (0.1, 2), (0.2, 3), (0.45 + 1e-9, 4)])
def test_G_learns_from_samples_with_D_below_a_half_plus_the_margin(margin, count):
    objective = with_margins(non_saturating, of_G=margin, of_D=EVERY_ROW)
    # Divided by m = 4, not by the number of samples that count.
    assert objective.loss(A) == pytest.approx(-np.log(D[:count]).sum() / 4, rel=1e-14)
    expected = np.where(np.arange(4)[:, None] < count, -(1 - D) / 4, 0)
    np.testing.assert_allclose(objective.loss_gradient(A), expected, rtol=1e-13)
    a = A.copy()
    assert objective.loss_gradient(a, out=a) is a
    np.testing.assert_allclose(a, expected, rtol=1e-13)
    assert objective.value is value
    assert objective.value_gradient is value_gradient


def test_D_learns_from_its_mistakes_and_from_rows_within_the_margin():
    objective = with_margins(non_saturating, of_G=EVERY_ROW, of_D=0.1)
    # Examples with D < 0.6 and samples with D > 0.4.
    real, fake = np.array([1, 1, 0, 0])[:, None], np.array([0, 1, 1, 1])[:, None]
    V = (real * np.log(D)).sum() / 4 + (fake * np.log(1 - D)).sum() / 4
    assert objective.value(A, A) == pytest.approx(V, rel=1e-13)
    out = np.empty((4, 1)), np.empty((4, 1))
    for found in (objective.value_gradient(A, A), objective.value_gradient(A, A, out=out)):
        np.testing.assert_allclose(found[0], real * (1 - D) / 4, rtol=1e-13)
        np.testing.assert_allclose(found[1], -fake * D / 4, rtol=1e-13)
    assert (objective.loss, objective.name) == (non_saturating.loss, "non_saturating")


def test_without_a_row_that_counts_value_loss_and_gradients_are_0():
    objective = with_margins(minimax, of_G=0.0, of_D=0.0)
    far = np.full((3, 1), 5.0)
    assert objective.loss(far) == objective.value(far, -far) == 0
    assert not objective.loss_gradient(far).any()
    assert not np.any(objective.value_gradient(far, -far))


def test_margins_of_a_half_keep_the_objective():
    assert with_margins(minimax, 0.5, 0.5) is minimax
    less = with_margins(minimax, 0.49, 0.49)
    assert less.loss != minimax.loss
    assert less.value != minimax.value


def test_the_largest_margin_below_a_half_has_a_finite_logit() -> None:
    """1/2 - 2^-54 is the largest one: p rounds to 1, but the logit is log(2^54)."""
    objective = with_margins(minimax, of_G=0.5 - 2.0**-54, of_D=EVERY_ROW)
    below, above = np.full((1, 1), 54 * np.log(2) - 1e-6), np.full((1, 1), 54 * np.log(2) + 1e-6)
    assert objective.loss(below) == minimax.loss(below)
    assert objective.loss(above) == 0


@pytest.mark.parametrize("h", [0.0, 1j * H, -1j * H])
def test_a_row_at_the_threshold_does_not_count_whatever_its_imaginary_part(h: complex) -> None:
    """D = 1/2 and a margin of 0: only rows with D < 1/2, or samples with D > 1/2, count."""
    a = np.array([[h]])
    objective = with_margins(minimax, of_G=0.0, of_D=0.0)
    assert objective.loss(a) == objective.value(a, a) == 0
    assert not objective.loss_gradient(a).any()
    assert not np.any(objective.value_gradient(a, a))


def test_the_gradient_of_V_is_that_of_the_rows_that_count() -> None:
    part = PartOfV(np.log(0.7 / 0.3))  # the margin 0.2: D < 0.7 and D > 0.3 count
    a_real, a_fake = np.array([[0.3], [2.0]]), np.array([[-0.2], [-3.0]])
    da_real, da_fake = part.gradient(a_real, a_fake)
    # sigma(-0.3) / 2 and -sigma(-0.2) / 2 of the first rows, by hand
    np.testing.assert_allclose(da_real, [[0.5 / (1 + np.exp(0.3))], [0]], rtol=1e-14)
    np.testing.assert_allclose(da_fake, [[-0.5 / (1 + np.exp(0.2))], [0]], rtol=1e-14)
    out = np.full((2, 1), np.nan), np.full((2, 1), np.nan)
    given = part.gradient(a_real, a_fake, out=out)
    assert given[0] is out[0]
    assert given[1] is out[1]
    np.testing.assert_array_equal(out, (da_real, da_fake))
