"""A matrix may have more than 2^31 numbers: row offsets and sizes are computed with 64 bits.

No test allocates such a matrix. The simulated memory contains only the first columns of a few rows,
at the addresses that they would have. An access to any other address is out of bounds.
"""

from __future__ import annotations

import numpy as np
import pytest
from softgpu import machine, raw_module
from softgpu.memory import FIRST, REGION, Memory

from minigan.backends.cuda import fused
from minigan.backends.cuda.launcher import OPTIONS

pytestmark = pytest.mark.cupy

M, U, STORED = 3, 2**30, 32  # rows, columns, columns that are stored


class Wide(Memory):
    """Memory in which an array (rows, STORED) is the beginning of rows of U columns."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def lay(self, array):
        self.sizes.append(array.itemsize if array.ndim == 2 else 0)
        return self.add(array)

    def places(self, addresses, size, threads):
        near = addresses.astype(np.int64)
        numbers = (near - FIRST) // REGION
        for number, itemsize in enumerate(self.sizes):
            here = (numbers == number) & (itemsize > 0)
            offsets = near - FIRST - number * REGION - REGION // 2
            rows = offsets // (itemsize * U or 1)
            near = np.where(here, near - rows * itemsize * (U - STORED), near)
        return super().places(near.astype(np.uint64), size, threads)


def launch(name, block, *arguments):
    """Launch one block of threads; arrays are placed in memory, None is a null pointer."""
    memory, kernel = Wide(), raw_module.compiled(fused.source(), OPTIONS).get(name)

    def value(x):
        if x is None:
            return np.uint64(0)
        return np.uint64(memory.lay(x)) if isinstance(x, np.ndarray) else x

    packed = raw_module.pack([value(x).tobytes() for x in arguments], kernel.parameters)
    machine.launch(kernel, (1,), block, packed, memory)


RNG = np.random.default_rng(1)


def random(*shape):
    """Different numbers at each call, so that a mix-up of arrays is detected."""
    return RNG.standard_normal(shape).astype(np.float32)


INTS = (np.int32(M), np.int32(U))
ONE, PIECE = np.float32(1), np.int32(1)


@pytest.mark.parametrize("name", ["bias", "bias_relu", "bias_sigmoid", "bias_maxout"])
def test_a_thread_of_the_first_row_computes_its_number(name):
    """m u is 3 * 2^30, which is negative in 32 bits."""
    a, b, y = random(STORED), random(STORED), random(STORED)
    expected = a + b
    more = () if name == "bias" else (None, ONE, y, None)
    sizes = (INTS[0], PIECE, INTS[1]) if name == "bias_maxout" else INTS
    launch(name, (STORED,), a, b, *more, *sizes)
    np.testing.assert_array_equal(a, expected)


@pytest.mark.parametrize("name", ["relu_backward", "sigmoid_backward", "maxout_backward"])
def test_the_backward_pass_of_a_wide_layer_uses_the_right_rows(name):
    dh, a, da, db = random(M, STORED), random(M, STORED), random(M, STORED), random(STORED)
    inputs = (a, a) if name == "maxout_backward" else (a,)  # maxout with one piece: y = a
    sizes = (INTS[0], PIECE, INTS[1]) if name == "maxout_backward" else INTS
    launch(name, (32, 8), dh, None, ONE, *inputs, da, db, *sizes)
    e = np.exp(-abs(a.astype(np.float64)))
    slope = {"relu": a > 0, "sigmoid": e / (1 + e) ** 2, "maxout": 1}[name.split("_")[0]]
    np.testing.assert_allclose(da, dh * slope, rtol=1e-6)
    np.testing.assert_array_equal(db, da[0] + da[1] + da[2])


def test_a_thread_of_the_first_row_of_maxout_finds_its_tangent():
    q, x, along = random(STORED), random(STORED), random(STORED)
    launch("maxout_tangent", (STORED,), q, x, x, along, INTS[0], PIECE, INTS[1])
    np.testing.assert_array_equal(along, q)


def test_the_rows_of_a_wide_linear_layer_are_summed():
    da, db = random(M, STORED), random(STORED)
    launch("bias_backward", (32, 8), da, db, *INTS)
    np.testing.assert_array_equal(db, da[0] + da[1] + da[2])


def test_the_backward_pass_of_a_wide_logit_uses_the_right_rows():
    da, x, w, dx, dw, db = random(M), random(M, STORED), *map(random, (32, M * 32, 32, 1))
    dx = dx.reshape(M, STORED)
    launch("logit_backward", (32, 8), da, x, w, dx, dw, db, *INTS)
    np.testing.assert_array_equal(dx, da[:, None] * w)
    np.testing.assert_array_equal(dw, x[0] * da[0] + x[1] * da[1] + x[2] * da[2])


def test_the_last_of_large_images_is_gathered():
    pixels = np.random.default_rng(1).integers(0, 256, (M, STORED)).astype(np.uint8)
    x, indices = random(STORED), np.array([2, 0, 1], np.int32)
    launch("gather", (STORED,), pixels, indices, ONE, x, np.int32(M), *INTS)
    np.testing.assert_array_equal(x, pixels[2])


def test_the_windows_on_wide_images_use_the_right_lines():
    """Line 3 of an image of 2^30 columns, and line 6 of its P, begin beyond 2^31."""
    x, y = random(4, STORED), random(STORED)
    sizes = (1, 4, U, 1, 4, 1, 1, U - 3)  # one image, 4 lines, one channel, windows of 4 x 4
    launch("pool", (STORED - 3,), x, y, *map(np.int32, sizes))
    expected = [x[:, q : q + 4].max() for q in range(STORED - 3)]
    np.testing.assert_array_equal(y[:-3], expected)
    P, folded = random(8, STORED), random(STORED)
    sizes = (1, 1, U - 1, 1, 2, 1, 1, 2, U)  # an image of one line, windows of 2 x 2, pad = 1
    launch("fold", (STORED - 1,), P, folded, *map(np.int32, sizes))
    # place (u, v) of position (p, q) is line 4 u + 2 v + p and column q, where p = 1 - u
    expected = (P[1, 1:] + P[4, 1:]) + (P[3, :-1] + P[6, :-1])
    np.testing.assert_array_equal(folded[:-1], expected)


def test_the_channels_of_the_last_image_are_unfolded():
    """Images of one pixel with 2^30 channels; P has the channels first, then the images."""
    x, P = random(M, STORED), random(STORED)
    sizes = (M, 1, 1, U, 1, 1, 0, 1, 1)  # images, height, width, C, size, stride, pad, positions
    launch("unfold", (STORED,), x, P, *map(np.int32, sizes))
    np.testing.assert_array_equal(P, x.T.ravel()[:STORED])


def test_the_first_of_more_pooled_numbers_than_2_31_gets_its_gradient():
    dy, x, dx = random(STORED), random(STORED), random(STORED)
    sizes = (M, 1, U, 1, 1, 1, 1, U)  # images of one line, windows of one pixel
    launch("pool_backward", (STORED,), dy, x, x, dx, *map(np.int32, sizes))
    np.testing.assert_array_equal(dx, dy)
