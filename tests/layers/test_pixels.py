"""Images beside each other: where each number goes, for arrays with and without gaps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minigan.layers import pixels


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("C", [1, 3])
def test_a_pixel_of_all_images_is_in_one_place(dtype: Any, C: int) -> None:
    x = np.random.default_rng(0).standard_normal((4, 5 * C)).astype(dtype)
    out = np.full((5, 4, C), np.nan, dtype)
    wide = pixels.beside(x, out=out)
    assert np.shares_memory(wide, out)
    assert wide.shape == (1, 5 * 4 * C)
    for i, j, c in np.ndindex(4, 5, C):
        assert wide[0, j * 4 * C + i * C + c] == x[i, j * C + c]
    back = np.full_like(x, np.nan)
    pixels.apart(out, out=back)
    np.testing.assert_array_equal(back, x)


@pytest.mark.parametrize("step", [1, 2])
def test_rows_and_numbers_may_have_gaps(step: int) -> None:
    around = np.arange(3 * 20.0).reshape(3, 20)
    x = around[:, 1 : 1 + 6 * step : step]  # three images of two pixels with three channels
    out = np.empty((2, 3, 3))
    pixels.beside(x, out=out)
    np.testing.assert_array_equal(out, x.reshape(3, 2, 3).swapaxes(0, 1))
    back = np.full_like(around, np.nan)
    part = back[:, 1 : 1 + 6 * step : step]
    pixels.apart(out, out=part)
    np.testing.assert_array_equal(part, x)
    assert np.isnan(back).sum() == back.size - x.size


def test_a_pixel_is_copied_as_one_item(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only if its channels are adjacent in both arrays; others are copied as they are."""
    made: list[int] = []

    def dtype(description: tuple[Any, int]) -> np.dtype[Any]:
        made.append(description[1])
        return np.dtype(description)

    numpy = SimpleNamespace(ndarray=np.ndarray, void=np.void, dtype=dtype)
    monkeypatch.setattr(pixels, "np", numpy)
    x, out = np.arange(12.0).reshape(2, 6), np.empty((2, 2, 3))
    pixels.beside(x, out=out)
    pixels.apart(out, out=x)
    assert made == [24, 24]
    pixels.beside(np.arange(24.0).reshape(2, 12)[:, ::2], out=out)
    pixels.beside(x, out=np.empty((2, 2, 6))[..., ::2])
    pixels.beside(x.view(type("Other", (np.ndarray,), {})), out=out)
    assert made == [24, 24]
