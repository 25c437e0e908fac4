"""Attention.

attention              y = P v,  P = softmax over keys of (q k^T / sqrt d), masked entries 0
attention_biased       the same without mask, with k + b for k: the gradient of b is zero
attention_of_heads     two heads side by side in the columns of q, k and v, then y W
"""

import math

import numpy as np

from corpus import claims as says
from corpus.losses import softmax_of
from corpus.operation import operation


def probabilities(q, k, mask):
    return softmax_of(np.where(mask, q @ k.T / math.sqrt(q.shape[1]), -1e30))


def from_scores(dP, P):
    """The gradient of the scores, where dP is the gradient of their softmax P."""
    return P * (dP - (dP * P).sum(1, keepdims=True))


@operation
def attention(q, k, v, mask):
    return probabilities(q, k, mask) @ v


@attention.inputs
def _(rng, n=4, d=3, u=2, scale=1.0):
    mask = np.tril(np.ones((n, n), bool))
    return scale * rng.normal(size=(n, d)), rng.normal(size=(n, d)), rng.normal(size=(n, u)), mask


@attention.gradient
def _(dy, q, k, v, mask):
    P, root = probabilities(q, k, mask), math.sqrt(q.shape[1])
    dS = from_scores(dy @ v.T, P) / root
    return dS @ k, dS.T @ q, P.T @ dy


attention.right("any_shape", n=(1, 5), d=(1, 4), u=(1, 4))
attention.right("large_logits", n=(2, 4), d=(1, 3), scale=(1e1, 1e3))
attention.right("small_logits", n=(2, 4), d=(1, 3), scale=(1e-6, 1e-2))
attention.spoil("queries_and_keys_over_d", says.FACTOR, says.SIZE, q=lambda dq: dq / math.sqrt(3))
attention.spoil("values_reversed", says.FLIPPED, v=lambda dv: dv[::-1])


@attention.point
def every_key_visible(rng):
    q, k, v, mask = attention.draw(rng, n=3)
    return q, k, v, np.ones_like(mask)


@attention.bug(says.FACTOR, r"sqrt|root")
def root_of_d_forgotten(dy, q, k, v, mask):
    dq, dk, dv = attention.backward(dy, q, k, v, mask)
    return dq * math.sqrt(3), dk * math.sqrt(3), dv


@attention.bug(says.MASK, says.TERM)
def mask_missing(dy, q, k, v, mask):
    return attention.backward(dy, q, k, v, np.ones_like(mask))


@attention.bug(says.MASK, says.TERM, says.TRANSPOSED)
def mask_transposed(dy, q, k, v, mask):
    return attention.backward(dy, q, k, v, mask.T)


@attention.bug(says.TERM)
def softmax_sum_forgotten(dy, q, k, v, mask):
    P = probabilities(q, k, mask)
    dS = P * (dy @ v.T) / math.sqrt(3)
    return dS @ k, dS.T @ q, P.T @ dy


@attention.bug(says.TERM, says.JACOBIAN)
def probabilities_not_transposed(dy, q, k, v, mask):
    dq, dk, _ = attention.backward(dy, q, k, v, mask)
    return dq, dk, probabilities(q, k, mask) @ dy


@attention.bug(says.TERM)
def scores_not_transposed(dy, q, k, v, mask):
    dS = from_scores(dy @ v.T, probabilities(q, k, mask)) / math.sqrt(3)
    return dS @ k, dS @ q, attention.backward(dy, q, k, v, mask)[2]


@attention.bug(says.ORDER)
def queries_and_keys_exchanged(dy, q, k, v, mask):
    dq, dk, dv = attention.backward(dy, q, k, v, mask)
    return dk, dq, dv


@attention.bug(says.TERM)
def softmax_sum_over_queries(dy, q, k, v, mask):
    P, dP = probabilities(q, k, mask), dy @ v.T
    dS = P * (dP - (dP * P).sum(0)) / math.sqrt(3)
    return dS @ k, dS.T @ q, P.T @ dy


@operation
def attention_biased(q, k, v, b):
    return attention.forward(q, k + b, v, True)


@attention_biased.inputs
def _(rng, n=4, d=3, u=2, scale=1.0):
    q, k, v, _ = attention.draw(rng, n, d, u, scale)
    return q, k, v, rng.normal(size=d)


@attention_biased.gradient
def _(dy, q, k, v, b):
    dq, dk, dv = attention.backward(dy, q, k + b, v, True)
    return dq, dk, dv, dk.sum(0)


attention_biased.right("any_shape", n=(1, 5), d=(1, 4), u=(1, 4))
attention_biased.right("large_logits", n=(2, 4), d=(1, 3), scale=(1e1, 1e2))


@attention_biased.bug(says.CONSTANT, r"true gradient is zero|numeric (gradient|one) is (zero|0)")
def bias_gets_the_scores(dy, q, k, v, b):
    dq, dk, dv, _ = attention_biased.backward(dy, q, k, v, b)
    return dq, dk, dv, dq.sum(0)


HEADS = 2


def by_head(x):
    return np.split(x, HEADS, axis=1)


@operation
def attention_of_heads(q, k, v, W):
    heads = zip(by_head(q), by_head(k), by_head(v), strict=True)
    return np.concatenate([attention.forward(*head, True) for head in heads], axis=1) @ W


@attention_of_heads.inputs
def _(rng, n=3, d=2, u=3, scale=1.0):
    q, k, v = (scale * rng.normal(size=(n, HEADS * d)) for _ in "qkv")
    return q, k, v, rng.normal(size=(HEADS * d, u))


def gradient_of_heads(dy, q, k, v, W, dheads):
    heads = zip(dheads, by_head(q), by_head(k), by_head(v), strict=True)
    parts = zip(*(attention.backward(*head, True) for head in heads), strict=True)
    y = attention_of_heads.forward(q, k, v, np.eye(len(W)))
    return *(np.concatenate(part, axis=1) for part in parts), y.T @ dy


@attention_of_heads.gradient
def _(dy, q, k, v, W):
    return gradient_of_heads(dy, q, k, v, W, by_head(dy @ W.T))


attention_of_heads.right("any_shape", n=(1, 4), d=(1, 3), u=(1, 3))
attention_of_heads.spoil("second_head_zero", says.PLACES, says.MASK, v=lambda g: g * [1, 1, 0, 0])


@attention_of_heads.bug(says.ORDER, says.TERM)
def heads_in_wrong_order(dy, q, k, v, W):
    return gradient_of_heads(dy, q, k, v, W, by_head(dy @ W.T)[::-1])


@attention_of_heads.bug(says.TERM)
def columns_alternate_between_heads(dy, q, k, v, W):
    dheads = dy @ W.T
    return gradient_of_heads(dy, q, k, v, W, [dheads[:, ::2], dheads[:, 1::2]])
