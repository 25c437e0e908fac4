"""The autocorrelation time: AR(1) chains in closed form, and the definition by slow sums."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import draws
from minigan.arrays import Array
from minigan.theory.table2 import autocorrelation as module


def ar1(r: float, chains: int, steps: int) -> Array:
    """f_(t+1) = r f_t + noise of variance 1 - r^2, from its stationary distribution N(0, 1)."""
    noise = draws.generator(0, "ar1", 0).standard_normal((chains, steps))
    f = noise.copy()
    for t in range(1, steps):
        f[:, t] = r * f[:, t - 1] + np.sqrt(1 - r**2) * noise[:, t]
    return f


@pytest.mark.parametrize("r", [-0.3, 0.0, 0.5, 0.9])
def test_the_time_of_an_AR_1_chain_is_1_plus_r_over_1_minus_r(r: float) -> None:
    found = module.autocorrelation_time(3 + ar1(r, 50, 4000))
    assert found == pytest.approx((1 + r) / (1 - r), rel=0.06)


@pytest.mark.parametrize(("steps", "dtype"), [(6, np.float32), (7, np.float64)])
def test_rho_is_the_sum_of_products_and_no_step_wraps_around(steps: int, dtype: type) -> None:
    f = draws.generator(0, "rho", 0).standard_normal((2, steps)).astype(dtype) + 1
    centred = f.astype(np.float64)
    centred -= centred.mean()
    products = [
        sum(centred[c, t] * centred[c, t + k] for c in range(2) for t in range(steps - k))
        for k in range(steps)
    ]
    expected = np.array(products) / products[0]
    np.testing.assert_allclose(module.autocorrelation(f), expected, atol=1e-14)


def test_the_window_is_the_first_that_is_five_times_as_long_as_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rho = np.array([1, 0.5, 0.25, *[0.0] * 6, 9, 9])  # tau = 2.5 from K = 2 on, so K = 13 > 10
    monkeypatch.setattr(module, "autocorrelation", lambda f: rho)
    with pytest.raises(module.TooFewStepsError, match="11 steps are too few"):
        module.autocorrelation_time(np.zeros((1, 11)))
    rho[1:3] = 0.25, 0.0  # tau = 1.5: K = 8 is enough, before the numbers at 9 and 10
    assert module.autocorrelation_time(np.zeros((1, 11))) == 1.5
    # tau = 2.25 up to K = 9 < 11.25, and 2 at K = 10
    rho[:] = 0
    rho[[0, 5, 10]] = 1, 0.625, -0.125
    assert module.autocorrelation_time(np.zeros((1, 11))) == 2
    # tau = 0.5 up to K = 4, and 0.75 at K = 5, the smallest window
    rho[[1, 5, 10]] = -0.25, 0.125, 0
    assert module.autocorrelation_time(np.zeros((1, 11))) == 0.75


def test_the_effective_sample_size_is_that_of_one_chain() -> None:
    assert module.effective_sample_size(ar1(0.5, 50, 4000)) == pytest.approx(4000 / 3, rel=0.05)
