"""KL and JSD compared with SciPy and with sums in 120 digits."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.special import kl_div, rel_entr
from scipy.stats import entropy

from minigan.theory import jsd, kl
from minigan.theory.divergences import excess


@given(data=st.data())
def test_kl_is_scipys_relative_entropy(data, density_pairs):
    p, q = data.draw(density_pairs)
    assert kl(p, q) == pytest.approx(rel_entr(p, q).sum(), rel=1e-12, abs=1e-14)
    assert kl(p, q) == pytest.approx(entropy(p, q), rel=1e-12, abs=1e-14)


@given(data=st.data())
def test_kl_near_equality_keeps_digits_that_a_plain_sum_loses(data, full_pairs, exact):
    p, q = data.draw(full_pairs)
    truth = float(exact(p, q, excess=True))
    assert kl(p, q) == pytest.approx(truth, rel=2e-14, abs=1e-300)


@given(data=st.data())
def test_jsd_is_the_sum_in_120_digits(data, density_pairs, exact):
    p, q = data.draw(density_pairs)
    with localcontext(prec=1200):  # the exact mean of any two float64
        m = [(Decimal(a) + Decimal(b)) / 2 for a, b in zip(p, q, strict=True)]
    truth = float((exact(p, m, excess=True) + exact(q, m, excess=True)) / 2)
    assert jsd(p, q) == pytest.approx(truth, rel=2e-14, abs=1e-300)


def test_jsd_and_kl_of_densities_that_differ_in_the_last_digit():
    p, q = [0.5, 0.5], [0.5 + 2**-53, 0.5 - 2**-53]
    assert jsd(p, q) == pytest.approx(2.0**-107, rel=1e-14, abs=0)  # sum (p - q)^2 / 8 m
    assert kl(p, q) == pytest.approx(2.0**-105, rel=1e-14, abs=0)  # sum (p - q)^2 / 2 q


def test_the_two_branches_of_the_excess_agree_where_they_meet():
    p = np.ones(2)
    ratio = np.array([1.1, 1.1 * (1 + 1e-13)]) / 0.9  # v just below and just above 1/10
    q = p * ratio
    np.testing.assert_allclose(excess(p, q, p - q), kl_div(p, q), rtol=1e-14)


@pytest.mark.parametrize("q", [0.8184, 0.8190, 0.8197, 0.8203])  # v from 0.0999 to 0.0987
def test_the_series_has_all_digits_up_to_its_bound(q):
    with localcontext(prec=50):
        truth = float((Decimal(1) / Decimal(q)).ln() - Decimal(1) + Decimal(q))
    assert excess(np.array(1.0), np.array(q), np.array(1 - q)) == pytest.approx(
        truth, rel=6e-16, abs=0
    )


def test_the_series_is_not_used_where_its_next_term_would_count():
    p, q = 1.0, 0.6668  # v = 0.1999, where the term v^19/19 is 8e-14 of the excess
    truth = float((Decimal(p) / Decimal(q)).ln() - Decimal(p) + Decimal(q))
    assert excess(np.array(p), np.array(q), np.array(p - q)) == pytest.approx(
        truth, rel=1e-14, abs=0
    )


@given(st.floats(0.5, 2), st.floats(0.5, 2))
def test_the_excess_is_scipys_kl_div(a, b):
    assume(abs(a - b) > 1e-3)  # closer, SciPy's own terms cancel
    p, q = np.array([a]), np.array([b])
    assert excess(p, q, p - q)[0] == pytest.approx(kl_div(a, b), rel=1e-8)


@given(data=st.data())
def test_jsd_is_the_square_of_scipys_distance(data, density_pairs):
    p, q = data.draw(density_pairs)
    with np.errstate(all="ignore"):
        distance = jensenshannon(p, q)
    assume(np.isfinite(distance))  # SciPy's is NaN near equality and inf at subnormals
    assert jsd(p, q) == pytest.approx(distance**2, rel=1e-9, abs=1e-14)


@given(data=st.data())
def test_divergences_are_never_negative_and_zero_at_equality(data, density_pairs):
    p, q = data.draw(density_pairs)
    assert kl(p, q) >= 0
    assert 0 <= jsd(p, q) <= math.log(2) * (1 + 1e-14)
    assert kl(p, p) == jsd(p, p) == 0
    assert jsd(p, q) == jsd(q, p)
    significant = np.abs(p - q) > 1e-150
    if significant.any():
        assert kl(p, q) > 0
        assert jsd(p, q) > 0


def test_kl_by_hand_in_nats_and_in_its_order():
    assert kl([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2), rel=1e-15, abs=0)
    assert kl([0.5, 0.5], [0.25, 0.75]) == pytest.approx(
        0.5 * math.log(2) + 0.5 * math.log(2 / 3), rel=1e-15, abs=0
    )
    assert kl([0.5, 0.5], [1, 0]) == math.inf
    assert kl([1.0], [1.0]) == 0


def test_kl_to_an_extremely_small_probability_is_finite():
    assert kl([1.0, 0.0], [1e-320, 1.0]) == pytest.approx(-math.log(1e-320), rel=1e-12, abs=0)


def test_jsd_of_disjoint_supports_is_log_2_down_to_subnormal_entries():
    assert jsd([1, 0], [0, 1]) == pytest.approx(math.log(2), rel=1e-15, abs=0)
    assert jsd([1, 0, 5e-324], [0, 1, 0]) == pytest.approx(math.log(2), rel=1e-15, abs=0)


@given(data=st.data())
def test_the_order_of_the_points_changes_nothing(data, density_pairs):
    p, q = data.draw(density_pairs)
    order = np.array(data.draw(st.permutations(range(p.size))))
    assert kl(p[order], q[order]) == kl(p, q)
    assert jsd(p[order], q[order]) == jsd(p, q)


@pytest.mark.parametrize("function", [kl, jsd])
def test_divergences_raise_for_what_is_not_a_density(function):
    with pytest.raises(ValueError, match="p sums to 2"):
        function([2.0], [1.0])
    with pytest.raises(ValueError, match="q must be finite"):
        function([1.0], [np.nan])
    with pytest.raises(ValueError, match="same points"):
        function([1.0], [0.5, 0.5])
