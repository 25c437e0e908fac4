"""Operations along one axis.

cumulative    y_i = x_1 + ... + x_i          along axis 0
product       y_i = prod_j x_ij
joined        y = [a, b] along axis 1
rolled        y_i = x_i-1                    along axis 0
total         y = sum x
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


@operation
def cumulative(x):
    return np.cumsum(x, 0)


@cumulative.inputs
def _(rng, m=5, n=3, scale=1.0):
    return (scale * rng.normal(size=(m, n)),)


@cumulative.gradient
def _(dy, x):
    return dy[::-1].cumsum(0)[::-1]


cumulative.right("any_shape", m=(1, 6), n=(1, 4), scale=(1e-6, 1e6))


@cumulative.bug(says.TERM, says.JACOBIAN)
def cumulated_forwards(dy, x):
    return dy.cumsum(0)


@cumulative.bug(says.FLIPPED)
def not_turned_back(dy, x):
    return dy[::-1].cumsum(0)


@cumulative.bug(says.SHIFTED, says.TERM)
def own_entry_excluded(dy, x):
    return cumulative.backward(dy, x) - dy


@operation
def product(x):
    return x.prod(1)


@product.inputs
def _(rng, m=3, n=4, scale=1.0):
    return (scale * rng.normal(size=(m, n)),)


@product.gradient
def _(dy, x):
    others = [np.delete(x, j, axis=1).prod(1) for j in range(x.shape[1])]
    return dy[:, None] * np.stack(others, axis=1)


product.right("any_shape", m=(1, 4), n=(1, 4), scale=(1e-2, 1e2))


@product.point
def one_factor_zero(rng):
    x = rng.normal(size=(3, 3))
    x[0, 1] = 0
    return (x,)


@product.bug(says.NAN, says.PLACES, at=one_factor_zero)
def divided_by_a_zero_factor(dy, x):
    with np.errstate(all="ignore"):
        return dy[:, None] * x.prod(1, keepdims=True) / x


@operation
def joined(a, b):
    return np.concatenate([a, b], axis=1)


@joined.inputs
def _(rng, m=3, n=2, scale=1.0):
    return scale * rng.normal(size=(m, n)), scale * rng.normal(size=(m, n))


@joined.gradient
def _(dy, a, b):
    return dy[:, : a.shape[1]], dy[:, a.shape[1] :]


joined.right("any_shape", m=(1, 4), n=(1, 3), scale=(1e-6, 1e6))


@joined.bug(says.ORDER)
def halves_exchanged(dy, a, b):
    return dy[:, b.shape[1] :], dy[:, : b.shape[1]]


@operation
def rolled(x):
    return np.roll(x, 1, axis=0)


rolled.inputs(cumulative.draw)


@rolled.gradient
def _(dy, x):
    return np.roll(dy, -1, axis=0)


@rolled.bug(says.SHIFTED, says.JACOBIAN)
def rolled_forwards(dy, x):
    return np.roll(dy, 1, axis=0)


@rolled.bug(says.PLACES, says.MASK)
def not_around_the_end(dy, x):
    return np.concatenate([dy[1:], np.zeros_like(dy[:1])])


@operation
def total(x):
    return x.sum()


total.inputs(cumulative.draw)


@total.gradient
def _(dy, x):
    return np.broadcast_to(dy, x.shape)


total.right("any_scale", m=(1, 6), n=(1, 6), scale=(1e-6, 1e6))


@total.point
def terms_that_cancel(rng):
    x = 1e6 * rng.normal(size=(4, 3))
    return (np.concatenate([x, -x, rng.normal(size=(1, 3))]),)


@total.bug(says.SIZE, says.FACTOR)
def divided_by_the_length(dy, x):
    return np.full(x.shape, dy / len(x))
