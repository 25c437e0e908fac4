"""Bugs of code rather than of formulas: types, shapes, memory, state. y = tanh(x W + b)."""

import numpy as np

from corpus import claims as says
from corpus.dense import linear
from corpus.operation import operation


@operation
def dense_tanh(x, W, b):
    return np.tanh(x @ W + b)


dense_tanh.inputs(linear.draw)


@dense_tanh.gradient
def right(dy, x, W, b):
    da = dy / np.cosh(x @ W + b) ** 2  # 1 - tanh^2 would round to 0 far out
    return da @ W.T, x.T @ da, da.sum(0)


def fortran(rng):
    x, W, b = linear.draw(rng)
    return np.asfortranarray(x), np.asfortranarray(W), b


dense_tanh.right("any_shape", m=(1, 6), n=(1, 5), u=(1, 4))
dense_tanh.right("saturated", m=(1, 3), n=(1, 3), u=(1, 3), scale=(1e1, 1e3))
dense_tanh.point(fortran)
dense_tanh.spoil("bias_in_float32", says.DTYPE, says.PRECISION, b=np.float32)
dense_tanh.spoil("weights_in_float16", says.DTYPE, says.PRECISION, W=np.float16)
dense_tanh.spoil("bias_complex", says.DTYPE, says.PRECISION, b=lambda db: db + 1j * db)
dense_tanh.spoil("bias_rounded_to_integers", says.DTYPE, says.ZERO, b=lambda db: db.astype(int))
dense_tanh.spoil("bias_as_column", says.SHAPE, b=lambda db: db[:, None])
dense_tanh.spoil("bias_flat_weights", says.SHAPE, W=np.ravel)
dense_tanh.spoil("bias_nan", says.NAN, b=lambda db: db * [1, np.nan, 1])
dense_tanh.spoil("bias_infinite", says.NAN, b=lambda db: db + np.inf)
dense_tanh.spoil("bias_none", says.NO_GRADIENT, b=lambda db: None)
dense_tanh.spoil(
    "input_rounded_to_six_digits",
    says.PRECISION,
    says.SMALL,
    x=lambda g: np.round(g, 6),
    also=(says.DY,),
)
dense_tanh.spoil(
    "input_through_float32",
    says.PRECISION,
    says.SMALL,
    x=lambda g: np.float64(np.float32(g)),
    also=(says.DY,),
)


@dense_tanh.bug(says.NO_GRADIENT, says.COUNT)
def nothing_returned(dy, x, W, b):
    right(dy, x, W, b)


@dense_tanh.bug(says.COUNT, r"one for each")
def bias_gradient_not_returned(dy, x, W, b):
    return right(dy, x, W, b)[:2]


@dense_tanh.bug(says.COUNT, r"one for each")
def one_gradient_too_many(dy, x, W, b):
    return *right(dy, x, W, b), dy


@dense_tanh.bug(says.OVERWRITES)
def overwrites_x(dy, x, W, b):
    found = right(dy, x, W, b)
    x *= 0.5
    return found


@dense_tanh.bug(says.OVERWRITES)
def overwrites_dy(dy, x, W, b):
    dy *= 1 - np.tanh(x @ W + b) ** 2
    return dy @ W.T, x.T @ dy, dy.sum(0)


@dense_tanh.bug(says.OVERWRITES)
def weights_updated_in_backward(dy, x, W, b):
    found = right(dy, x, W, b)
    W -= 0.1 * found[1]
    return found


NOISE = np.random.default_rng(0)


@dense_tanh.bug(says.NONDETERMINISTIC, r"random")
def noise_on_the_gradient(dy, x, W, b):
    dx, dW, db = right(dy, x, W, b)
    return dx, dW * (1 + 1e-3 * NOISE.normal(size=dW.shape)), db


@dense_tanh.bug(says.NONDETERMINISTIC, r"random")
def fresh_dropout_mask(dy, x, W, b):
    return right(dy * (NOISE.random(dy.shape) < 0.5) * 2, x, W, b)


CALLS = {"accumulated": 0.0, "first": None, "count": 0}


@dense_tanh.bug(says.NONDETERMINISTIC, r"accumulat")
def gradients_accumulate_over_calls(dy, x, W, b):
    dx, dW, db = right(dy, x, W, b)
    total = CALLS["accumulated"]
    total = total if np.shape(total) == db.shape else 0.0
    CALLS["accumulated"] = total + db
    return dx, dW, total + db


@dense_tanh.bug(says.NONDETERMINISTIC, says.DY)
def remembers_the_first_result(dy, x, W, b):
    if CALLS["first"] is None:
        CALLS["first"] = right(dy, x, W, b)
    return CALLS["first"]


@dense_tanh.bug(says.NONDETERMINISTIC)
def wrong_from_the_second_call_on(dy, x, W, b):
    CALLS["count"] += 1
    dx, dW, db = right(dy, x, W, b)
    return dx, dW, db if CALLS["count"] % 2 else 2 * db


@dense_tanh.bug(says.LAYOUT, says.TERM, says.TRANSPOSED, at=fortran)
def flattened_in_memory_order(dy, x, W, b):
    dx, dW, db = right(dy, x, W, b)
    return dx, dW.ravel().reshape(W.shape, order="F" if W.flags.f_contiguous else "C"), db


@dense_tanh.bug(says.LAYOUT, says.TERM, at=fortran)
def input_read_in_memory_order(dy, x, W, b):
    dx, _, db = right(dy, x, W, b)
    da = dy * (1 - np.tanh(x @ W + b) ** 2)
    return dx, x.ravel(order="K").reshape(x.shape).T @ da, db


@dense_tanh.bug(r"raises|exception|ValueError|error")
def raises_an_exception(dy, x, W, b):
    return dy @ W, x.T @ dy, dy.sum(0)


@dense_tanh.bug(says.SMALL, says.TERM, says.PLACES, says.DY)
def constant_added_to_one_entry(dy, x, W, b):
    dx, dW, db = right(dy, x, W, b)
    dW[0, 0] += 1e-7
    return dx, dW, db
