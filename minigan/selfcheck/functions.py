"""The proofs of the pieces: each layer and each objective, with all its inputs and parameters."""

from __future__ import annotations

from typing import Any

from minigan import objectives
from minigan.arrays import Array
from minigan.draws import mask
from minigan.gradcheck import Row
from minigan.layers import dropout, linear, maxout, relu, sigmoid
from minigan.selfcheck.rows import normal, prove

M, N, UNITS, PIECES, KEEP = 3, 6, 4, 3, 0.5


def check_layers() -> tuple[Row, ...]:
    """linear, ReLU, sigmoid, maxout and dropout."""

    def linear_backward(dy: Array, x: Array, W: Array, b: Array) -> tuple[Array, ...]:
        """(dx, dW, db)."""
        return linear.backward_input(dy, W), *linear.backward_params(dy, x)

    def relu_backward(dy: Array, x: Array) -> Array:
        """dx."""
        return relu.backward_input(dy, relu.forward(x))

    def maxout_forward(x: Array) -> Array:
        """y, for a fixed number of pieces."""
        return maxout.forward(x, PIECES)

    def maxout_backward(dy: Array, x: Array) -> Array:
        """dx."""
        return maxout.backward_input(dy, x, maxout.forward(x, PIECES), PIECES)

    def dropout_forward(x: Array, mask: Array) -> Array:
        """y, for a fixed keep."""
        return dropout.forward(x, mask, KEEP)

    def dropout_backward(dy: Array, x: Array, mask: Array) -> Array:
        """dx; the mask has no gradient."""
        return dropout.backward_input(dy, mask, KEEP)

    x, W, b = normal("x", M, N), normal("W", N, UNITS), normal("b", UNITS)
    kept = mask(0, "proofs/mask", 0, (M, N), KEEP)
    return (
        *prove("linear", linear.forward, linear_backward, x, W, b),
        *prove("relu", relu.forward, relu_backward, x),
        *prove("sigmoid", sigmoid.forward, sigmoid.backward_input, 3 * x),
        *prove("maxout", maxout_forward, maxout_backward, x),
        *prove("dropout", dropout_forward, dropout_backward, x, kept),
    )


def check_objectives() -> tuple[Row, ...]:
    """V of Eq. 1 and both objectives of G, in D's logits."""

    def V_backward(dV: Array, a_real: Array, a_fake: Array) -> tuple[Array, ...]:
        """(da_real, da_fake)."""
        return tuple(dV * da for da in objectives.value_gradient(a_real, a_fake))

    def minimax_backward(dL: Array, a_fake: Array) -> Any:
        """da_fake."""
        return dL * objectives.minimax_gradient(a_fake)

    def non_saturating_backward(dL: Array, a_fake: Array) -> Any:
        """da_fake."""
        return dL * objectives.non_saturating_gradient(a_fake)

    a_real, a_fake = 3 * normal("a_real", M, 1), 3 * normal("a_fake", M, 1)
    return (
        *prove("V", objectives.value, V_backward, a_real, a_fake),
        *prove("minimax", objectives.minimax_loss, minimax_backward, a_fake),
        *prove("non-saturating", objectives.non_saturating_loss, non_saturating_backward, a_fake),
    )
