"""Operations that select entries by given indices.

embedding     y_i = W_ids_i                  ids with repetitions
gather        y_ij = x_i,index_ij
scatter_add   y_k = sum of x_i over the i with index_i = k
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


@operation
def embedding(W, ids):
    return W[ids]


@embedding.inputs
def _(rng, words=5, n=3, length=7, scale=1.0):
    ids = rng.integers(0, words, length)
    ids[-1] = ids[0]
    return scale * rng.normal(size=(words, n)), ids


@embedding.gradient
def _(dy, W, ids):
    dW = np.zeros_like(W)
    np.add.at(dW, ids, dy)
    return dW


embedding.right("any_shape", words=(1, 6), n=(1, 4), length=(1, 8), scale=(1e-6, 1e6))


@embedding.bug(says.PLACES, says.TERM)
def repeated_ids_assigned(dy, W, ids):
    dW = np.zeros_like(W)
    dW[ids] = dy
    return dW


@embedding.bug(says.PLACES, says.TERM)
def repeated_ids_added_once(dy, W, ids):
    dW = np.zeros_like(W)
    dW[ids] += dy
    return dW


@embedding.bug(says.PER_ROW, says.PLACES, says.SIZE, also=(says.FACTOR,))
def mean_of_repeated_ids(dy, W, ids):
    counts = np.bincount(ids, minlength=len(W))
    return embedding.backward(dy, W, ids) / np.maximum(counts, 1)[:, None]


@embedding.bug(says.SHIFTED)
def ids_off_by_one(dy, W, ids):
    return embedding.backward(dy, W, (ids + 1) % len(W))


@embedding.bug(says.TERM, says.PLACES)
def gradient_to_the_first_rows(dy, W, ids):
    return embedding.backward(dy, W, np.arange(len(ids)) % len(W))


@embedding.bug(
    says.PLACES, says.MASK, says.ZERO, at=lambda rng: (rng.normal(size=(5, 3)), np.arange(5))
)
def padding_id_zero_skipped(dy, W, ids):
    return embedding.backward(dy * (ids != 0)[:, None], W, ids)


@operation
def gather(x, index):
    return np.take_along_axis(x, index, 1)


@gather.inputs
def _(rng, m=3, n=4, k=5, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.integers(0, n, (m, k))


@gather.gradient
def _(dy, x, index):
    dx = np.zeros_like(x)
    np.add.at(dx, (np.arange(len(x))[:, None], index), dy)
    return dx


gather.right("any_shape", m=(1, 4), n=(1, 5), k=(1, 6), scale=(1e-6, 1e6))


@gather.bug(says.PLACES, says.TERM)
def put_along_axis_assigns(dy, x, index):
    dx = np.zeros_like(x)
    np.put_along_axis(dx, index, dy, 1)
    return dx


@operation
def scatter_add(x, index):
    y = np.zeros((4, x.shape[1]), x.dtype)
    np.add.at(y, index, x)
    return y


@scatter_add.inputs
def _(rng, m=6, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.integers(0, 4, m)


@scatter_add.gradient
def _(dy, x, index):
    return dy[index]


scatter_add.right("any_shape", m=(1, 7), n=(1, 4), scale=(1e-6, 1e6))


@scatter_add.bug(says.TERM, says.PLACES)
def rows_in_order(dy, x, index):
    return dy[np.sort(index)]
