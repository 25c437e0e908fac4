"""The module of an array, and the elementwise maximum."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minigan.arrays import array_module, larger


def test_the_module_of_a_numpy_array_is_numpy() -> None:
    assert array_module(np.zeros(1)) is np


def test_the_module_of_a_number_is_numpy() -> None:
    number: Any = 1.0
    assert array_module(number) is np


def test_cupy_is_used_only_if_it_is_already_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(get_array_module=lambda x: "the GPU")
    monkeypatch.setitem(sys.modules, "cupy", fake)
    on_gpu: Any = SimpleNamespace()
    assert array_module(on_gpu) == "the GPU"
    assert array_module(np.zeros(1), on_gpu) == "the GPU"
    assert array_module(np.zeros(1)) is np


def test_complex_numbers_are_compared_by_their_real_parts_only() -> None:
    a, b = np.array([1 - 9j, 1 + 0j, 0 + 5j]), np.array([1 + 9j, 2 - 7j, -1 + 9j])
    np.testing.assert_array_equal(larger(a, b), [1 - 9j, 2 - 7j, 5j])
    np.testing.assert_array_equal(larger(0, np.array([0 + 1j, 1 - 1j, -1 + 1j])), [0, 1 - 1j, 0])


def test_nan_is_returned_for_real_numbers() -> None:
    np.testing.assert_array_equal(
        larger(np.array([1.0, 5.0, np.nan]), np.array([2.0, 3.0, 0.0])), [2.0, 5.0, np.nan]
    )


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_out_may_be_either_argument(dtype: type) -> None:
    a, b = np.array([1, 4], dtype=dtype), np.array([3, 2], dtype=dtype)
    assert larger(a, b, out=b) is b
    np.testing.assert_array_equal(b, [3, 4])
    assert larger(a, b, out=a) is a
    np.testing.assert_array_equal(a, [3, 4])


def test_an_array_of_another_library_names_its_module() -> None:
    traced: Any = SimpleNamespace(__array_namespace__=lambda: "its module")
    assert array_module(traced) == "its module"
    assert array_module(np.zeros(1), traced) == "its module"
