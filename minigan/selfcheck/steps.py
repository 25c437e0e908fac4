"""Check the gradients of the whole D step and the whole G step, through both networks.

    d(weight V) / d theta_d      for every tensor of theta_d, theta_g fixed
    d(loss of G) / d theta_g     for every tensor of theta_g, theta_d fixed

The functions of `minigan.algorithm_1` compute the loss with complex128 arrays and the gradient with
float64 arrays. The minibatch, the noise and the masks are fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan import objectives
from minigan.algorithm_1 import (
    gradient_of_D,
    gradient_of_G,
    pass_of_data_and_samples,
    pass_of_samples,
)
from minigan.arrays import Array
from minigan.draws import generator, mask
from minigan.game import Game
from minigan.gradcheck import Row
from minigan.layers import Dropout, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant
from minigan.selfcheck.rows import check_rows, normal
from minigan.trace import Trace

M = 3
G = Network(2, (Linear(5, 0.7), ReLU(), Linear(4, 0.7), Sigmoid()))
D = Network(4, (Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5), Linear(1, 0.7)))


@dataclass(frozen=True)
class ConstantDraws:
    """`Draws` that return the same arrays at every step."""

    x: Array
    z: Array
    kept: tuple[Array, ...]

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        return self.x

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size)."""
        return self.z

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """The last `rows` rows of each mask: the rows of the samples, or all rows."""
        return [kept[-rows:] for kept in self.kept]


def check_steps() -> tuple[Row, ...]:
    """The D step with V and V / 2, and the G step of both update orders with both objectives.

    One more G step has an objective of pairs; its gradient is that for a fixed x.
    """
    minimax, non_saturating = objectives.minimax, objectives.non_saturating
    return (
        *check_D_step("D step, V", weight_of_V=1.0),
        *check_D_step("D step, V/2", weight_of_V=0.5),
        *check_G_step("G step, minimax", minimax, fresh_pass),
        *check_G_step("G step, non-saturating", non_saturating, fresh_pass),
        *check_G_step("simultaneous, minimax", minimax, shared_pass),
        *check_G_step("simultaneous, non-saturating", non_saturating, shared_pass),
        *check_G_step("simultaneous, relativistic", objectives.relativistic, shared_pass),
    )


def check_D_step(title: str, weight_of_V: float) -> tuple[Row, ...]:
    """The rows of d(weight V) / d theta_d."""

    def forward(*theta_d: Array) -> Any:
        """weight * V, as a function of the tensors of theta_d."""
        _, both = D_pass(
            make_game(initial_theta("theta_g", G), flat(theta_d), weight_of_V=weight_of_V)
        )
        return weight_of_V * objectives.value(both.y[:M], both.y[M:])

    def backward(dV: Array, *theta_d: Array) -> tuple[Array, ...]:
        """The tensors of dtheta_d."""
        game = make_game(initial_theta("theta_g", G), flat(theta_d), weight_of_V=weight_of_V)
        _, both = D_pass(game)
        return tuple(dV * part for part in gradient_of_D(game, both).values())

    return check_rows(title, forward, backward, *parts("theta_d", D), names=list(D.shapes))


def check_G_step(
    title: str, objective: Objective, G_pass: Callable[[Game], tuple[Trace, Trace, Array]]
) -> tuple[Row, ...]:
    """The rows of d(loss of G) / d theta_g, through D."""

    def forward(*theta_g: Array) -> Any:
        """The loss of G, as a function of the tensors of theta_g."""
        game = make_game(flat(theta_g), initial_theta("theta_d", D), objective=objective)
        _, fake, paired = G_pass(game)
        return objective.loss(*objective.logits_of_loss(fake.y, paired))

    def backward(dL: Array, *theta_g: Array) -> tuple[Array, ...]:
        """The tensors of dtheta_g."""
        game = make_game(flat(theta_g), initial_theta("theta_d", D), objective=objective)
        return tuple(dL * part for part in gradient_of_G(game, *G_pass(game)).values())

    return check_rows(title, forward, backward, *parts("theta_g", G), names=list(G.shapes))


def D_pass(game: Game) -> tuple[Trace, Trace]:
    """The passes of the D step: G's pass, and D's pass over examples and samples."""
    x, z = game.draws.data(0), game.draws.noise("D", 0)
    return pass_of_data_and_samples(game, x, z, game.draws.masks("D", 0, 2 * M))


def shared_pass(game: Game) -> tuple[Trace, Trace, Array]:
    """The passes of G's update in `simultaneous`: G's pass, and D's pass by halves.

    The half of the samples is a trace; of that of the data, the logits are enough.
    """
    g, both = D_pass(game)
    return g, both.rows(M, 2 * M), both.y[:M]


def fresh_pass(game: Game) -> tuple[Trace, Trace, Array]:
    """The passes of G's update in `algorithm1`: G's pass, and D's pass over samples only.

    The logits of data are those of the last D step; only an objective of pairs uses them.
    """
    g, fake = pass_of_samples(game, game.draws.noise("G", 0), game.draws.masks("G", 0, M))
    return g, fake, game.trace_D.y[:M]


def make_game(
    theta_g: Array,
    theta_d: Array,
    objective: Objective | None = None,
    weight_of_V: float = 1.0,
) -> Game:
    """A game with these parameters; the default objective is minimax.

    Where theta_g or theta_d is complex, all arrays of the game are.
    """
    dtype, no_momentum = np.result_type(theta_g, theta_d), Constant(0.0)
    draws = ConstantDraws(
        generator(0, "proofs/pixels", 0).random((M, 4)).astype(dtype),
        normal("z", M, 2).astype(dtype),
        tuple(
            mask(0, f"proofs/mask/{i}", 0, (2 * M, width), keep)
            for i, (width, keep) in enumerate(D.mask_sizes)
        ),
    )
    g = Momentum(Parameters(G.shapes, theta_g.astype(dtype)), no_momentum, no_momentum)
    d = Momentum(Parameters(D.shapes, theta_d.astype(dtype)), no_momentum, no_momentum)
    return Game(G, D, g, d, draws, objective or objectives.minimax, M, weight_of_V=weight_of_V)


def initial_theta(stream: str, network: Network) -> Array:
    """Fixed parameters (size,) without zeros, so that no bias puts an input on a kink."""
    theta = network.initial(0, f"proofs/{stream}", np.float64).vector
    return theta + 0.1 * normal(stream, len(theta))


def parts(stream: str, network: Network) -> list[Array]:
    """The tensors of `initial_theta`."""
    return list(Parameters(network.shapes, initial_theta(stream, network)).values())


def flat(tensors: tuple[Array, ...]) -> Array:
    """The tensors concatenated to one vector."""
    return np.concatenate([tensor.ravel() for tensor in tensors])
