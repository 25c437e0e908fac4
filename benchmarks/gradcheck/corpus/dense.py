"""A linear layer: y = x W + b."""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


@operation
def linear(x, W, b):
    return x @ W + b


@linear.inputs
def _(rng, m=5, n=4, u=3, scale=1.0, weights=1.0):
    return (
        scale * rng.normal(size=(m, n)),
        weights * rng.normal(size=(n, u)),
        rng.normal(size=u),
    )


@linear.gradient
def linear_backward(dy, x, W, b):
    return dy @ W.T, x.T @ dy, dy.sum(0, dtype=float)


linear.right("any_shape", m=(1, 7), n=(1, 6), u=(1, 5))
linear.right("any_scale", m=(1, 4), n=(1, 4), scale=(1e-6, 1e6), weights=(1e-6, 1e6))
linear.form("asarray", lambda x, W, b: np.asarray(x, float) @ np.asarray(W, float) + b)
linear.form("returns_float32", lambda x, W, b: np.float32(x) @ np.float32(W) + np.float32(b))
linear.form("float32", lambda x, W, b: np.float64(np.float32(x) @ np.float32(W) + np.float32(b)))
linear.spoil("bias_wrong_sign", says.SIGN, b=lambda db: -db)
linear.spoil("bias_zero", says.ZERO, b=np.zeros_like)
linear.spoil("weights_without_gradient", says.NO_GRADIENT, W=lambda dW: None)
linear.spoil("input_twice", says.FACTOR, x=lambda dx: dx + dx)
linear.spoil("weights_over_batch", says.SIZE, says.FACTOR, W=lambda dW: dW / 5)
linear.spoil(
    "two_millionths_too_large", says.SMALL, also=(says.FACTOR,), W=lambda dW: dW * (1 + 2e-6)
)
linear.spoil("weights_factor_per_column", says.PER_ROW, W=lambda dW: dW * np.array([1.0, 1.5, 0.5]))
linear.spoil("input_factor_per_row", says.PER_ROW, x=lambda dx: dx * np.arange(1, 6)[:, None])
linear.spoil(
    "last_weight_row_zero", says.PLACES, says.ZERO, says.MASK, W=lambda dW: dW * (np.c_[:4] < 3)
)


@linear.bug(says.TRANSPOSED)
def weights_transposed(dy, x, W, b):
    return dy @ W.T, dy.T @ x, dy.sum(0)


@linear.bug(says.MISSING_SUM)
def bias_not_summed(dy, x, W, b):
    return dy @ W.T, x.T @ dy, dy


@linear.bug(says.SIZE, says.FACTOR)
def bias_mean(dy, x, W, b):
    return dy @ W.T, x.T @ dy, dy.mean(0)


@linear.bug(says.SHAPE)
def bias_summed_over_the_wrong_axis(dy, x, W, b):
    return dy @ W.T, x.T @ dy, dy.sum(1)


@linear.bug(says.ORDER)
def gradients_in_wrong_order(dy, x, W, b):
    return x.T @ dy, dy @ W.T, dy.sum(0)


@linear.bug(says.DY)
def dy_ignored(dy, x, W, b):
    return linear_backward(np.ones_like(dy), x, W, b)


@linear.bug(says.DY, says.SIGN)
def dy_sign_only(dy, x, W, b):
    return linear_backward(np.sign(dy), x, W, b)


@linear.bug(says.DY)
def dy_clipped(dy, x, W, b):
    return linear_backward(np.clip(dy, -1, 1), x, W, b)


@linear.bug(says.DY, says.MASK)
def dy_small_entries_dropped(dy, x, W, b):
    return linear_backward(dy * (np.abs(dy) > 0.1), x, W, b)


@linear.bug(says.DY, says.PRECISION, says.SMALL)
def dy_in_float16(dy, x, W, b):
    return linear_backward(dy.astype(np.float16).astype(float), x, W, b)
