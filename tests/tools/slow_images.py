"""Windows on images by slow, obvious loops, with which tests compare the layers for images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from slow import complex_step, weighted

from minigan.layers import Windows
from minigan.layers.patches import Scratch
from minigan.network import Network
from minigan.trace import LayerTrace


@st.composite
def windows(draw: Any, largest: int = 6, padded: bool = True) -> Windows:
    """Windows of every kind: strides up to the size, padding below it, cut by the border or not."""
    size = draw(st.integers(1, 4))
    pad = draw(st.integers(0, size - 1)) if padded else 0
    height, width = (draw(st.integers(max(1, size - 2 * pad), largest)) for _ in range(2))
    return Windows(height, width, size, draw(st.integers(1, size)), pad)


def places(w: Windows) -> list[tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]:
    """((p, q), (u, v), (h, w)) for every place of every window that is inside the image."""
    return [
        ((p, q), (u, v), (h, c))
        for p in range(w.rows)
        for q in range(w.columns)
        for u in range(w.size)
        for v in range(w.size)
        for h, c in [(w.stride * p + u - w.pad, w.stride * q + v - w.pad)]
        if 0 <= h < w.height and 0 <= c < w.width
    ]


def correlation(x: Any, W: Any, w: Windows) -> Any:
    """y (m, rows columns units): the sum of x W over the places of each window, without bias."""
    images = x.reshape(len(x), w.height, w.width, -1)
    y = np.zeros((len(x), w.rows, w.columns, W.shape[-1]), np.result_type(x, W))
    for pq, uv, hw in places(w):
        for c in range(W.shape[2]):
            for o in range(W.shape[3]):
                y[:, *pq, o] += images[:, *hw, c] * W[*uv, c, o]
    return y.reshape(len(x), -1)


def stamps(x: Any, W: Any, w: Windows) -> Any:
    """y (m, height width C): W, multiplied by each number of x, added at its position."""
    at = x.reshape(len(x), w.rows, w.columns, -1)
    y = np.zeros((len(x), w.height, w.width, W.shape[2]), np.result_type(x, W))
    for pq, uv, hw in places(w):
        for c in range(W.shape[2]):
            for k in range(W.shape[3]):
                y[:, *hw, c] += at[:, *pq, k] * W[*uv, c, k]
    return y.reshape(len(x), -1)


def pooling(x: Any, dy: Any, w: Windows) -> tuple[Any, Any]:
    """(y, dx): the maximum of each window, and dy added at the first place that has it."""
    images = x.reshape(len(x), w.height, w.width, -1)
    y = np.empty((len(x), w.rows, w.columns, images.shape[-1]), x.dtype)
    dx, dy = np.zeros_like(images), dy.reshape(y.shape)
    for i, p, q, c in np.ndindex(y.shape):
        inside = [hw for pq, _, hw in places(w) if pq == (p, q)]
        first = max(inside, key=lambda hw: images[i, *hw, c])  # max returns the first of equals
        y[i, p, q, c] = images[i, *first, c]
        dx[i, *first, c] += dy[i, p, q, c]
    return y.reshape(len(x), -1), dx.reshape(len(x), -1)


def check_gradients(
    layer: Any, w: Windows, arrays: tuple[Any, ...], parameters: tuple[Any, Any]
) -> None:
    """Compare the gradients of a layer's module at (x, W, b, dy) with the complex step, to 1e-12.

    `parameters` are its (dW, db).
    """
    x, W, b, dy = arrays
    dW, db = parameters
    for analytic, numeric in (
        (
            layer.backward_input(dy, W, w),
            complex_step(lambda v: weighted(layer.forward(v, W, b, w), dy), x),
        ),
        (dW, complex_step(lambda v: weighted(layer.forward(x, v, b, w), dy), W)),
        (db, complex_step(lambda v: weighted(layer.forward(x, W, v, w), dy), b)),
    ):
        assert analytic.shape == numeric.shape
        assert abs(analytic - numeric).max() <= 1e-12 * abs(numeric).max()


def check_out(
    layer: Any, w: Windows, arrays: tuple[Any, ...], backward_params: Callable[..., Any]
) -> None:
    """Check that `out` of each function of a layer's module receives what it returns without.

    `backward_params(dy, x, w, out=...)` is that of the module. The arrays are made read-only.
    """
    x, W, b, dy = arrays
    for array in arrays:
        array.flags.writeable = False
    for function, arguments, like in (
        (layer.forward, (x, W, b, w), dy),
        (layer.backward_input, (dy, W, w), x),
    ):
        wide = np.full((len(x), like.shape[1] + 2), np.nan, x.dtype)
        out = wide[:, 1:-1]  # rows with gaps between them
        assert function(*arguments, out=out) is out
        assert out.dtype == function(*arguments).dtype == x.dtype
        np.testing.assert_array_equal(out, function(*arguments))
        assert np.isnan(wide[:, [0, -1]]).all()
    out = np.full_like(W, np.nan), np.full_like(b, np.nan)
    dW, db = backward_params(dy, x, w, out=out)
    assert dW is out[0]
    assert db is out[1]
    for written, returned in zip(out, backward_params(dy, x, w), strict=True):
        assert returned.dtype == x.dtype
        np.testing.assert_array_equal(written, returned)


def check_along(layer: Any, arrays: tuple[Any, ...], forward: Callable[..., Any]) -> None:
    """Check `backward_params_along` of a layer: <gradient, theta> is the sum of its docstring.

    That sum is linear in theta = (W, b), and exact in integers. The direction q is along the rows 1
    and 2. `forward(x, W, b)` is that of the layer's module.
    """
    x, W, b, dy = (np.round(4 * a) for a in arrays)
    rng, rows = np.random.default_rng(0), slice(1, 3)
    d, q = (rng.integers(-4, 5, shape).astype(float) for shape in ((len(x), 1), x[rows].shape))
    for ddy in (rng.integers(-4, 5, dy[rows].shape).astype(float), None):

        def total(W: Any, b: Any, ddy: Any = ddy) -> Any:
            along_q = weighted(forward(q, W, np.zeros_like(b)), dy[rows])
            along_ddy = 0 if ddy is None else weighted(forward(x[rows], W, b), ddy)
            return weighted(forward(x, W, b), d * dy) + along_q + along_ddy

        dtheta = {"W": np.full_like(W, np.nan), "b": np.full_like(b, np.nan)}
        trace = LayerTrace(x, np.empty_like(dy), np.empty_like(x))
        layer.backward_params_along(dtheta, trace, dy, d, rows, q, ddy)
        assert (dtheta["W"] * W).sum() == total(W, 0 * b)
        assert (dtheta["b"] * b).sum() == total(0 * W, b)


def check_scratch(kind: Any, units: int, n: int) -> None:
    """Check that every pass of a layer makes its scratch memory by the layer's `make`.

    A device overrides it. n is the number of inputs, for windows of 3 x 3 on images of 4 x 4.
    """
    made = []

    class Counted(kind):  # type: ignore[misc]
        def make(self, *sizes: Any) -> Scratch:
            made.append(sizes)
            return Scratch(*sizes)

    layer = Counted(Windows(4, 4, 3), units, 0.5)
    net, rows = Network(n, (layer,)), slice(0, 2)
    x = np.ones((2, n), np.float32)
    trace = net.forward(net.initial(1, "theta"), x)
    theta, part, dtheta = trace.theta().of("counted1"), trace.layers[0], net.zeros().of("counted1")
    dy, d = np.ones_like(trace.y), np.ones((2, 1), np.float32)
    for one in (
        lambda: layer.forward(theta, part),
        lambda: layer.backward_input(theta, part, dy),
        lambda: layer.backward_params(dtheta, part, dy),
        lambda: layer.tangent(theta, part, x),
        lambda: layer.backward_params_along(dtheta, part, dy, d, rows, x, None),
    ):
        made.clear()
        one()
        assert len(made) == 1
