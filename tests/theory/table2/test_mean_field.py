"""Mean field: the KL divergence by a sum over all pairs of hidden states, and its fixed point."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import draws
from minigan.arrays import Array
from minigan.theory.relatives.rbm_exact import all_states
from minigan.theory.table2.mean_field import mean_field, mean_field_KL

FIRST, SECOND = 4, 3


def random_layers(scale: float = 1.0) -> tuple[Array, Array, Array]:
    rng = draws.generator(0, "dbm", 0)
    shapes = (5, FIRST), (FIRST, SECOND), (SECOND,)
    a, W_2, c_2 = (scale * rng.standard_normal(shape) for shape in shapes)
    return a, W_2, c_2


def KL_by_states(a: Array, W_2: Array, c_2: Array, m_1: Array, m_2: Array) -> Array:
    """KL (m,) from the definition: a sum over all (h1, h2)."""
    found = []
    for row, one, two in zip(a, m_1, m_2, strict=True):
        log_p, log_q = [], []
        for h_1 in all_states(FIRST):
            for h_2 in all_states(SECOND):
                log_p.append(row @ h_1 + h_1 @ W_2 @ h_2 + c_2 @ h_2)
                each = [*np.where(h_1 == 1, one, 1 - one), *np.where(h_2 == 1, two, 1 - two)]
                log_q.append(np.log(each).sum())
        normalised = np.array(log_p) - np.log(np.exp(log_p).sum())
        found.append(np.exp(log_q) @ (log_q - normalised))
    return np.array(found)


def test_the_divergence_is_the_sum_over_all_states() -> None:
    layers = random_layers()
    means = draws.generator(0, "means", 0).random((5, FIRST + SECOND))
    m_1, m_2 = means[:, :FIRST], means[:, FIRST:]
    np.testing.assert_allclose(
        mean_field_KL(*layers, m_1, m_2), KL_by_states(*layers, m_1, m_2), rtol=1e-12
    )
    far = layers[0] + 1000  # e^1000 would overflow
    assert np.isfinite(mean_field_KL(far, *layers[1:], m_1, m_2)).all()


def test_the_means_settle_where_no_mean_can_be_improved() -> None:
    layers = random_layers()
    m_1, m_2 = mean_field(*layers, sweeps=200)
    best = KL_by_states(*layers, m_1, m_2)
    assert (best < mean_field_KL(*layers, *mean_field(*layers, sweeps=1))).all()
    for j in range(FIRST + SECOND):
        for step in (-1e-3, 1e-3):
            moved = np.concatenate([m_1, m_2], axis=1)
            moved[:, j] += step
            parts = moved[:, :FIRST], moved[:, FIRST:]
            assert (mean_field_KL(*layers, *parts) > best).all()


def test_the_first_sweep_starts_at_one_half() -> None:
    a, W_2, c_2 = random_layers()
    m_1, m_2 = mean_field(a, W_2, c_2, sweeps=1)
    first = 1 / (1 + np.exp(-a - W_2.sum(axis=1) / 2))
    np.testing.assert_allclose(m_1, first, rtol=1e-12)
    np.testing.assert_allclose(m_2, 1 / (1 + np.exp(-first @ W_2 - c_2)), rtol=1e-12)


def test_without_connections_between_the_layers_mean_field_is_exact() -> None:
    a, W_2, c_2 = random_layers()
    m_1, m_2 = mean_field(a, 0 * W_2, c_2, sweeps=1)
    np.testing.assert_allclose(m_1, 1 / (1 + np.exp(-a)), rtol=1e-12)
    assert abs(mean_field_KL(a, 0 * W_2, c_2, m_1, m_2)).max() < 1e-12


def test_more_than_16_units_are_refused() -> None:
    with pytest.raises(ValueError, match=r"2\^17 states are too many"):
        mean_field_KL(*(np.zeros(shape) for shape in ((1, 2), (2, 17), 17, (1, 2), (1, 17))))
