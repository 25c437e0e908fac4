"""Pooling of images x (batch, height, width).

max_pool        largest of 2 x 2 entries, windows side by side
average_pool    mean of 3 x 3 entries, windows one apart, so that they overlap
mean_pixels     mean over height and width
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


def blocks(x):
    """(batch, h, w, 4): the entries of every 2 x 2 window."""
    batch, height, width = x.shape
    parts = x.reshape(batch, height // 2, 2, width // 2, 2)
    return parts.transpose(0, 1, 3, 2, 4).reshape(batch, height // 2, width // 2, 4)


def unblocked(parts):
    """The inverse of `blocks`."""
    batch, h, w, _ = parts.shape
    return parts.reshape(batch, h, w, 2, 2).transpose(0, 1, 3, 2, 4).reshape(batch, 2 * h, 2 * w)


def to_entry(dy, x, chosen):
    return unblocked(dy[..., None] * (np.arange(4) == chosen(blocks(x), axis=-1)[..., None]))


@operation
def max_pool(x):
    return np.take_along_axis(blocks(x), np.argmax(blocks(x).real, -1)[..., None], -1)[..., 0]


@max_pool.inputs
def _(rng, batch=3, h=3, w=1, scale=1.0):
    return (scale * rng.normal(size=(batch, 2 * h, 2 * w)),)


@max_pool.gradient
def _(dy, x):
    return to_entry(dy, x, np.argmax)


max_pool.right("any_shape", batch=(1, 3), h=(1, 4), w=(1, 4), scale=(1e-6, 1e6))
max_pool.form("max", lambda x: blocks(x).max(-1))
max_pool.spoil("only_first_image", says.PLACES, says.MASK, x=lambda g: g * [[[1]], [[0]], [[0]]])
max_pool.spoil(
    "image_transposed_in_windows", says.TERM, x=lambda g: unblocked(blocks(g)[..., ::-1])
)


@max_pool.bug(says.MASK)
def gradient_to_every_entry(dy, x):
    return np.repeat(np.repeat(dy, 2, axis=1), 2, axis=2)


@max_pool.bug(says.TERM, says.MASK)
def gradient_to_the_smallest(dy, x):
    return to_entry(dy, x, np.argmin)


@max_pool.bug(says.TERM, says.MASK, at=lambda rng: (rng.normal(size=(2, 4, 6)) - 1,))
def gradient_to_positive_entries_only(dy, x):
    return to_entry(dy, x, np.argmax) * (x > 0)


@max_pool.bug(says.FACTOR)
def gradient_over_window(dy, x):
    return to_entry(dy, x, np.argmax) / 4


@max_pool.bug(says.TERM, says.FACTOR)
def multiplied_by_the_maximum(dy, x):
    return to_entry(dy, x, np.argmax) * x


@operation
def average_pool(x):
    height, width = x.shape[1] - 2, x.shape[2] - 2
    return sum(x[:, i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9


@average_pool.inputs
def _(rng, batch=2, height=4, width=6, scale=1.0):
    return (scale * rng.normal(size=(batch, height, width)),)


@average_pool.gradient
def average_backward(dy, x):
    dx, (_, height, width) = np.zeros_like(x), dy.shape
    for i in range(3):
        for j in range(3):
            dx[:, i : i + height, j : j + width] += dy / 9
    return dx


average_pool.right("any_shape", batch=(1, 3), height=(3, 6), width=(3, 6), scale=(1e-6, 1e6))
average_pool.spoil("sum_instead_of_mean", says.FACTOR, x=lambda dx: 9 * dx)
average_pool.spoil("divided_by_3", says.FACTOR, x=lambda dx: 3 * dx)
average_pool.spoil("upside_down", says.FLIPPED, x=lambda dx: dx[:, ::-1])


@average_pool.bug(says.TERM)
def overlap_assigned_not_added(dy, x):
    dx, (_, height, width) = np.zeros_like(x), dy.shape
    for i in range(3):
        for j in range(3):
            dx[:, i : i + height, j : j + width] = dy / 9
    return dx


@average_pool.bug(says.SHIFTED, says.TERM)
def window_one_too_short(dy, x):
    dx, (_, height, width) = np.zeros_like(x), dy.shape
    for i in range(3):
        for j in range(2):
            dx[:, i : i + height, j : j + width] += dy / 9
    return dx


@average_pool.bug(says.PLACES, says.PER_ROW, says.TERM, also=(says.FACTOR,))
def border_divided_by_real_count(dy, x):
    dx = average_backward(dy, x)
    dx[:, [0, -1]] *= 1.5
    return dx


@operation
def mean_pixels(x):
    return x.mean((1, 2))


@mean_pixels.inputs
def _(rng, batch=3, height=4, width=5, scale=1.0):
    return (scale * rng.normal(size=(batch, height, width)),)


@mean_pixels.gradient
def _(dy, x):
    return np.broadcast_to(dy[:, None, None] / x[0].size, x.shape)


mean_pixels.right("any_shape", batch=(1, 4), height=(1, 5), width=(1, 5), scale=(1e-6, 1e6))
mean_pixels.spoil("sum_instead_of_mean", says.SIZE, says.FACTOR, x=lambda dx: 20 * dx)
mean_pixels.spoil("mean_over_width_only", says.SIZE, says.FACTOR, x=lambda dx: 4 * dx)


@mean_pixels.bug(says.SHAPE)
def not_broadcast_to_the_pixels(dy, x):
    return dy[:, None, None] / x[0].size


@mean_pixels.bug(says.TERM)
def dy_spread_over_the_batch(dy, x):
    return np.full(x.shape, dy.mean() / x[0].size)
