"""Shared by the tests of the theory: hard densities to draw, and sums in 120 digits."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import strategies as st

getcontext().prec = 120

ENTRIES = st.one_of(
    st.just(0.0),
    st.floats(0.01, 1),
    st.floats(-300, 0).map(lambda exponent: 10.0**exponent),
    st.sampled_from([5e-324, 1e-320, 2.2250738585072014e-308]),
)


def normalised(entries):
    """A density: the entries, at least one of them positive, divided by their sum."""
    p = np.array(entries)
    return p / p.sum()


@st.composite
def draw_pair(draw, full=False):
    """Two densities on one to six points, with zeros, 1e-300, subnormals and near equality."""
    size = draw(st.integers(1, 6))
    entries = st.floats(-300, 0).map(lambda exponent: 10.0**exponent) if full else ENTRIES
    lists = st.lists(entries, min_size=size, max_size=size).filter(
        lambda values: sum(values) > 1e-300
    )
    p = normalised(draw(lists))
    if draw(st.booleans()):
        return p, normalised(draw(lists))
    distance = draw(st.sampled_from([0.0, 1e-15, 1e-12, 1e-8, 1e-4, 0.1]))
    signs = draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size))
    return p, normalised(p * (1 + distance * np.array(signs)))


@pytest.fixture(scope="session")
def density_pairs():
    """Any two densities on the same points."""
    return draw_pair()


@pytest.fixture(scope="session")
def full_pairs():
    """Two densities that are positive at every point."""
    return draw_pair(full=True)


@pytest.fixture(scope="session")
def exact():
    """Sums of p log(p / q), 0 log 0 = 0, in 120 digits: `exact(p, q)`.

    `exact(p, q, excess=True)` sums p log(p / q) - p + q, whose terms are not negative.
    """

    def exact_sum(p, q, excess=False):
        total = Decimal(0)
        for a, b in zip(map(Decimal, p), map(Decimal, q), strict=True):
            total += (a * (a / b).ln() if a > 0 else 0) + (b - a if excess else 0)
        return total

    return exact_sum
