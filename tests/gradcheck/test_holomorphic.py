"""Every listed ufunc satisfies the Cauchy-Riemann equations; every listed name is one of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

from minigan.gradcheck import holomorphic

Z = np.array([0.3 + 0.2j, -0.6 + 0.4j, 0.1 - 0.7j])
SPECIAL = {name for name in holomorphic.UFUNCS if not hasattr(np, name)}


def derivative(function: Any, direction: complex, h: float = 1e-4) -> Any:
    """The derivative of function at Z along a direction, by a difference of fourth order."""
    h = h * direction
    far, near = (function(Z + k * h) - function(Z - k * h) for k in (2, 1))
    return (8 * near - far) / (12 * h)


@pytest.mark.parametrize("name", sorted(holomorphic.UFUNCS - holomorphic.BETWEEN_TWO - {"matmul"}))
def test_a_ufunc_has_the_same_derivative_along_the_real_and_the_imaginary_axis(name: str) -> None:
    ufunc = getattr(np, name, None) or getattr(scipy.special, name)
    other = (Z[::-1] + 2,) * (ufunc.nin - 1)
    along_real, along_imaginary = (
        derivative(lambda z: ufunc(z, *other), direction) for direction in (1, 1j)
    )
    np.testing.assert_allclose(along_real, along_imaginary, rtol=1e-7, atol=1e-9)


def test_a_fourier_transform_is_linear_for_complex_numbers() -> None:
    names = {"fft", "ifft", "fft2", "ifft2", "fftn", "ifftn", "fftshift", "ifftshift"}
    assert {name for name in dir(np.fft) if name in holomorphic.FUNCTIONS} == names
    numbers = np.stack([Z, 1j * Z, Z**2])
    for name in sorted(names):
        function = getattr(np.fft, name)
        np.testing.assert_allclose(function(1j * numbers), 1j * function(numbers), rtol=1e-12)


@pytest.mark.parametrize("name", ["absolute", "conjugate", "sign"])
def test_the_difference_is_seen_where_a_ufunc_is_not_holomorphic(name: str) -> None:
    assert name not in holomorphic.UFUNCS
    along_real, along_imaginary = (
        derivative(getattr(np, name), direction) for direction in (1, 1j)
    )
    assert np.max(np.abs(along_real - along_imaginary)) > 0.1


def test_every_name_is_one_of_numpy_or_scipy() -> None:
    assert {name for name in SPECIAL if hasattr(scipy.special, name)} == SPECIAL
    modules = (np, np.linalg, np.fft, np.lib.stride_tricks, np.ndarray)
    names = holomorphic.FUNCTIONS | holomorphic.CONSTANT | holomorphic.CREATION
    names |= holomorphic.METHODS | holomorphic.OTHER_METHODS | holomorphic.TYPE_TESTS
    unknown = {name for name in names if not any(hasattr(module, name) for module in modules)}
    assert unknown <= {"trapezoid", "unstack", "concat", "permute_dims", "matrix_transpose"}
