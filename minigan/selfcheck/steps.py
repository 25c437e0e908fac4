"""The proofs of the whole: what D ascends and G descends, through both networks.

For each parameter tensor of one player, the functions of `minigan.algorithm1` compute the loss
at complex128 and the gradient at float64; the draws and the other player are held fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan import objectives
from minigan.algorithm1 import (
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
from minigan.selfcheck.rows import normal, prove
from minigan.trace import Trace

M = 3
G = Network(2, (Linear(5, 0.7), ReLU(), Linear(4, 0.7), Sigmoid()))
D = Network(4, (Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5), Linear(1, 0.7)))


@dataclass(frozen=True)
class ConstantDraws:
    """`Draws` that always answers alike."""

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
        """The last `rows` rows of each mask: those of the samples, or all."""
        return [kept[-rows:] for kept in self.kept]


def check_steps() -> tuple[Row, ...]:
    """The D step with V and V / 2, and the G step of both schedules with both objectives."""
    minimax, non_saturating = objectives.minimax, objectives.non_saturating
    return (
        *check_D_step("D step, V", weight_of_V=1.0),
        *check_D_step("D step, V/2", weight_of_V=0.5),
        *check_G_step("G step, minimax", minimax, fresh_pass),
        *check_G_step("G step, non-saturating", non_saturating, fresh_pass),
        *check_G_step("simultaneous, minimax", minimax, shared_pass),
        *check_G_step("simultaneous, non-saturating", non_saturating, shared_pass),
    )


def check_D_step(title: str, weight_of_V: float) -> tuple[Row, ...]:
    """d(weight V)/d theta_d."""

    def forward(*theta_d: Array) -> Any:
        """weight V, as a function of the tensors of theta_d."""
        _, both = D_pass(
            make_game(initial_theta("theta_g", G), flat(theta_d), weight_of_V=weight_of_V)
        )
        return weight_of_V * objectives.value(both.y[:M], both.y[M:])

    def backward(dV: Array, *theta_d: Array) -> tuple[Array, ...]:
        """dtheta_d, tensor by tensor."""
        game = make_game(initial_theta("theta_g", G), flat(theta_d), weight_of_V=weight_of_V)
        _, both = D_pass(game)
        return tuple(dV * part for part in gradient_of_D(game, both).values())

    return prove(title, forward, backward, *parts("theta_d", D), names=list(D.shapes))


def check_G_step(
    title: str, objective: Objective, G_pass: Callable[[Game], tuple[Trace, Trace]]
) -> tuple[Row, ...]:
    """d(objective)/d theta_g, through D."""

    def forward(*theta_g: Array) -> Any:
        """The objective, as a function of the tensors of theta_g."""
        game = make_game(flat(theta_g), initial_theta("theta_d", D), objective=objective)
        _, fake = G_pass(game)
        return objective.loss(fake.y)

    def backward(dL: Array, *theta_g: Array) -> tuple[Array, ...]:
        """dtheta_g, tensor by tensor."""
        game = make_game(flat(theta_g), initial_theta("theta_d", D), objective=objective)
        return tuple(dL * part for part in gradient_of_G(game, *G_pass(game)).values())

    return prove(title, forward, backward, *parts("theta_g", G), names=list(G.shapes))


def D_pass(game: Game) -> tuple[Trace, Trace]:
    """The passes of the D step: G's, and D's over data and samples."""
    x, z = game.draws.data(0), game.draws.noise("D", 0)
    return pass_of_data_and_samples(game, x, z, game.draws.masks("D", 0, 2 * M))


def shared_pass(game: Game) -> tuple[Trace, Trace]:
    """What the simultaneous schedule hands to G: the D step's passes, D's cut to the samples."""
    g, both = D_pass(game)
    return g, both.rows(M, 2 * M)


def fresh_pass(game: Game) -> tuple[Trace, Trace]:
    """What Algorithm 1 hands to G: passes of samples alone."""
    return pass_of_samples(game, game.draws.noise("G", 0), game.draws.masks("G", 0, M))


def make_game(
    theta_g: Array,
    theta_d: Array,
    objective: Objective = objectives.minimax,
    weight_of_V: float = 1.0,
) -> Game:
    """A game at these parameters; where one player's are complex, all numbers are."""
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
    return Game(G, D, g, d, draws, objective, M, weight_of_V=weight_of_V)


def initial_theta(stream: str, network: Network) -> Array:
    """Fixed parameters (size,) with no zeros: biases too are away from the kinks."""
    theta = network.initial(0, f"proofs/{stream}", np.float64).vector
    return theta + 0.1 * normal(stream, len(theta))


def parts(stream: str, network: Network) -> list[Array]:
    """The same, tensor by tensor."""
    return list(Parameters(network.shapes, initial_theta(stream, network)).values())


def flat(tensors: tuple[Array, ...]) -> Array:
    """Tensors, one after the other, in one vector."""
    return np.concatenate([tensor.ravel() for tensor in tensors])
