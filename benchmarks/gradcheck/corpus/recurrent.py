"""Recurrent cells with input x (m, n), state h and c (m, u), weights W (n + u, gates u) and b.

lstm_cell    i, f, o = sigmoid, g = tanh of [x, h] W + b;  c' = f c + i g;  y = [o tanh c', c']
gru_cell     r, z = sigmoid of [x, h] W + b;  n = tanh([x, r h] V);  y = (1 - z) n + z h
"""

import numpy as np

from corpus import claims as says
from corpus.activations import sigma
from corpus.operation import operation


def gates(x, h, W, b):
    """i, f, o and g."""
    i, f, o, g = np.split(np.concatenate([x, h], axis=1) @ W + b, 4, axis=1)
    return sigma(i), sigma(f), sigma(o), np.tanh(g)


@operation
def lstm_cell(x, h, c, W, b):
    i, f, o, g = gates(x, h, W, b)
    new = f * c + i * g
    return np.concatenate([o * np.tanh(new), new], axis=1)


@lstm_cell.inputs
def lstm_point(rng, m=2, n=2, u=3, scale=1.0):
    x, h, c = (scale * rng.normal(size=(m, width)) for width in (n, u, u))
    return x, h, c, rng.normal(size=(n + u, 4 * u)), rng.normal(size=4 * u)


def lstm_gradient(dy, x, h, c, W, b, from_h=1, tanh_slope=1, candidate=1, swapped=False):
    """The gradients; each option set to 0 forgets a term, `swapped` exchanges two gates."""
    i, f, o, g = gates(x, h, W, b)
    dh, dc = np.split(dy, 2, axis=1)
    t = np.tanh(f * c + i * g)
    dnew = dc + from_h * dh * o * (1 - tanh_slope * t**2)
    parts = [dnew * g * i * (1 - i), dnew * c * f * (1 - f), dh * t * o * (1 - o)]
    parts = parts[::-1] if swapped else parts
    da = np.concatenate([*parts, dnew * i * (1 - candidate * g**2)], axis=1)
    dxh = da @ W.T
    n = x.shape[1]
    return dxh[:, :n], dxh[:, n:], dnew * f, np.concatenate([x, h], axis=1).T @ da, da.sum(0)


lstm_cell.gradient(lstm_gradient)
lstm_cell.right("any_shape", m=(1, 3), n=(1, 3), u=(1, 3))
lstm_cell.right("saturated", m=(1, 2), n=(1, 2), u=(1, 2), scale=(1e1, 1e2))
lstm_cell.right("small", m=(1, 2), n=(1, 2), u=(1, 2), scale=(1e-6, 1e-2))
lstm_cell.spoil("bias_over_batch", says.SIZE, says.FACTOR, b=lambda db: db / 2)
lstm_cell.spoil(
    "forget_gate_zero", says.PLACES, says.MASK, W=lambda g: g * (np.arange(12) // 3 != 1)
)
lstm_cell.spoil(
    "forget_gate_sign", says.PLACES, says.SIGN, W=lambda g: g * (1 - 2 * (np.arange(12) // 3 == 1))
)
lstm_cell.spoil("cell_without_gradient", says.NO_GRADIENT, c=lambda dc: None)


@lstm_cell.bug(says.TERM)
def new_cell_ignores_h(dy, *inputs):
    return lstm_gradient(dy, *inputs, from_h=0)


@lstm_cell.bug(says.TERM, says.PLACES)
def slope_of_tanh_of_the_cell_forgotten(dy, *inputs):
    return lstm_gradient(dy, *inputs, tanh_slope=0)


@lstm_cell.bug(says.TERM, says.PLACES)
def slope_of_tanh_of_the_candidate_forgotten(dy, *inputs):
    return lstm_gradient(dy, *inputs, candidate=0)


@lstm_cell.bug(says.TERM, says.PLACES, r"exchange|swap|order of")
def input_and_output_gates_exchanged(dy, *inputs):
    return lstm_gradient(dy, *inputs, swapped=True)


@lstm_cell.bug(says.TERM, says.FACTOR)
def old_cell_gets_new_cell_gradient(dy, x, h, c, W, b):
    dx, dh, dc, dW, db = lstm_gradient(dy, x, h, c, W, b)
    return dx, dh, dc / gates(x, h, W, b)[1], dW, db


@operation
def gru_cell(x, h, W, b, V):
    a_r, a_z = np.split(np.concatenate([x, h], axis=1) @ W + b, 2, axis=1)
    new = np.tanh(np.concatenate([x, sigma(a_r) * h], axis=1) @ V)
    return sigma(-a_z) * new + sigma(a_z) * h


@gru_cell.inputs
def _(rng, m=2, n=2, u=3, scale=1.0):
    x, h = scale * rng.normal(size=(m, n)), scale * rng.normal(size=(m, u))
    W, V = rng.normal(size=(n + u, 2 * u)), rng.normal(size=(n + u, u))
    return x, h, W, rng.normal(size=2 * u), V


def gru_gradient(dy, x, h, W, b, V, through_reset=1, sign=1, carried=1, reset_h=1):
    """The gradients; an option set to 0 forgets a term, and sign = -1 is a wrong sign."""
    n, xh = x.shape[1], np.concatenate([x, h], axis=1)
    a_r, a_z = np.split(xh @ W + b, 2, axis=1)
    r, z = sigma(a_r), sigma(a_z)
    xrh = np.concatenate([x, r * h], axis=1)
    v = xrh @ V
    dv = dy * sigma(-a_z) / np.cosh(v) ** 2
    dxrh = dv @ V.T
    dr, dz = through_reset * dxrh[:, n:] * h, sign * dy * (h - np.tanh(v))
    da = np.concatenate([dr * r * sigma(-a_r), dz * z * sigma(-a_z)], axis=1)
    dxh = da @ W.T
    dh = dxh[:, n:] + carried * dy * z + dxrh[:, n:] * (r if reset_h else 1)
    return dxh[:, :n] + dxrh[:, :n], dh, xh.T @ da, da.sum(0), xrh.T @ dv


gru_cell.gradient(gru_gradient)
gru_cell.right("any_shape", m=(1, 3), n=(1, 3), u=(1, 3))
gru_cell.right("saturated", m=(1, 2), n=(1, 2), u=(1, 2), scale=(1e1, 1e2))


@gru_cell.bug(says.PLACES, says.TERM, says.ZERO, says.MASK)
def reset_gate_has_no_gradient(dy, *inputs):
    return gru_gradient(dy, *inputs, through_reset=0)


@gru_cell.bug(says.SIGN, says.PLACES, says.TERM)
def update_gate_of_wrong_sign(dy, *inputs):
    return gru_gradient(dy, *inputs, sign=-1)


@gru_cell.bug(says.TERM)
def carried_state_forgotten(dy, *inputs):
    return gru_gradient(dy, *inputs, carried=0)


@gru_cell.bug(says.TERM)
def reset_gate_not_applied_to_h(dy, *inputs):
    return gru_gradient(dy, *inputs, reset_h=0)


@gru_cell.bug(says.TERM, says.PLACES)
def candidate_weights_see_h_not_r_h(dy, x, h, W, b, V):
    found = gru_gradient(dy, x, h, W, b, V)
    z = np.split(sigma(np.concatenate([x, h], axis=1) @ W + b), 2, axis=1)[1]
    new = (gru_cell.forward(x, h, W, b, V) - z * h) / (1 - z)
    dv = dy * (1 - z) * (1 - new**2)
    return *found[:4], np.concatenate([x, h], axis=1).T @ dv
