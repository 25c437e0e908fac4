"""Recurrent networks over all time steps of x (steps, m, n), from a state of zeros.

lstm     the state h of every step of `lstm_cell`: y (steps, m, u)
rnn      h_t = tanh(x_t W + h_t-1 U);  y = h of the last step, given the first h
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation
from corpus.recurrent import lstm_cell, lstm_gradient


def states(x, W, b):
    """[h, c] before every step and after the last."""
    zero = np.zeros((x.shape[1], len(b) // 2), np.result_type(x, W, b))
    found = [zero]
    for x_t in x:
        found.append(lstm_cell.forward(x_t, *np.split(found[-1], 2, axis=1), W, b))
    return found


@operation
def lstm(x, W, b):
    return np.stack([np.split(state, 2, axis=1)[0] for state in states(x, W, b)[1:]])


@lstm.inputs
def _(rng, steps=3, m=2, n=2, u=2, scale=1.0):
    W = rng.normal(size=(n + u, 4 * u))
    return scale * rng.normal(size=(steps, m, n)), W, rng.normal(size=4 * u)


def lstm_through_time(dy, x, W, b, carry_h=1, carry_c=1, assign=False, state_after=False):
    """The gradients; the options forget a path, assign in place of adding, or use h_t for h_t-1."""
    before, dx, dW, db = states(x, W, b), np.zeros_like(x), np.zeros_like(W), np.zeros_like(b)
    dh = dc = np.zeros_like(dy[0])
    for t in reversed(range(len(x))):
        h, c = np.split(before[t], 2, axis=1)
        used = np.split(before[t + 1], 2, axis=1)[0] if state_after else h
        dstate = np.concatenate([dy[t] + carry_h * dh, carry_c * dc], axis=1)
        dx[t], dh, dc, dW_t, db_t = lstm_gradient(dstate, x[t], h, c, W, b)
        if state_after:
            dW_t = np.concatenate([x[t], used], axis=1).T @ factors(dstate, x[t], h, c, W, b)
        dW, db = (dW_t, db_t) if assign else (dW + dW_t, db + db_t)
    return dx, dW, db


def factors(dstate, x, h, c, W, b):
    """The gradient of [x, h] W + b, one row at a time from the gradient of b."""
    rows = [slice(i, i + 1) for i in range(len(x))]
    return np.stack([lstm_gradient(dstate[i], x[i], h[i], c[i], W, b)[4] for i in rows])


@lstm.gradient
def _(dy, x, W, b):
    return lstm_through_time(dy, x, W, b)


lstm.right("any_shape", steps=(1, 3), m=(1, 2), n=(1, 2), u=(1, 2))
lstm.right("saturated", steps=3, m=1, n=2, u=2, scale=(1e1, 1e2))
lstm.spoil("steps_reversed", says.FLIPPED, x=lambda dx: dx[::-1])
lstm.spoil("steps_shifted", says.SHIFTED, x=lambda dx: np.roll(dx, 1, axis=0))
lstm.spoil("first_step_zero", says.PLACES, says.MASK, x=lambda g: g * [[[0]], [[1]], [[1]]])
lstm.spoil("weights_mean_over_steps", says.SIZE, says.FACTOR, W=lambda dW: dW / 3)


@lstm.bug(says.TERM, says.PLACES)
def state_not_carried_back(dy, x, W, b):
    return lstm_through_time(dy, x, W, b, carry_h=0)


@lstm.bug(says.TERM, says.PLACES)
def cell_not_carried_back(dy, x, W, b):
    return lstm_through_time(dy, x, W, b, carry_c=0)


@lstm.bug(says.TERM)
def weights_of_the_first_step_only(dy, x, W, b):
    return lstm_through_time(dy, x, W, b, assign=True)


@lstm.bug(says.TERM, says.PLACES)
def state_after_for_state_before(dy, x, W, b):
    return lstm_through_time(dy, x, W, b, state_after=True)


@operation
def rnn(x, h, W, U):
    for x_t in x:
        h = np.tanh(x_t @ W + h @ U)
    return h


@rnn.inputs
def _(rng, steps=4, m=2, n=3, u=2, scale=1.0):
    x, h = scale * rng.normal(size=(steps, m, n)), rng.normal(size=(m, u))
    return x, h, rng.normal(size=(n, u)), rng.normal(size=(u, u))


def rnn_gradient(dy, x, h, W, U, back=None, recurrent=np.transpose):
    """The gradients; `back` limits the steps, `recurrent` is what the state's gradient meets."""
    before = [h]
    for x_t in x:
        before.append(np.tanh(x_t @ W + before[-1] @ U))
    dx, dh, dW, dU = np.zeros_like(x), dy, np.zeros_like(W), np.zeros_like(U)
    for t in reversed(range(len(x))):
        if back is not None and t < len(x) - back:
            break
        da = dh * (1 - before[t + 1] ** 2)
        dx[t], dh = da @ W.T, da @ recurrent(U)
        dW, dU = dW + x[t].T @ da, dU + before[t].T @ da
    return dx, dh, dW, dU


rnn.gradient(rnn_gradient)
rnn.right("any_shape", steps=(1, 4), m=(1, 3), n=(1, 3), u=(1, 3))
rnn.spoil("recurrent_transposed", says.TRANSPOSED, U=np.transpose)


@rnn.bug(says.TERM, says.PLACES, says.MASK)
def truncated_after_two_steps(dy, *inputs):
    return rnn_gradient(dy, *inputs, back=2)


@rnn.bug(says.TERM, says.PLACES)
def recurrent_weights_not_transposed(dy, *inputs):
    return rnn_gradient(dy, *inputs, recurrent=np.copy)
