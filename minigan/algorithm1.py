"""Algorithm 1: D climbs V for k steps, then G takes one step down its own objective.

    D ascends    1/m sum_i [ log D(x_i) + log(1 - D(G(z_i))) ]        in theta_d, G held fixed
    G descends   1/m sum_i log(1 - D(G(z_i)))    (minimax)            in theta_g, D held fixed
             or  1/m sum_i -log D(G(z_i))        (non-saturating, section 3)

`algorithm1` is the paper's schedule. `simultaneous` is the one of the authors' published
configurations: both players move at once, from one forward pass over the same z and masks.
"""

from __future__ import annotations

from typing import NamedTuple

from minigan import objectives
from minigan.arrays import Array
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.trace import Trace


class Logits(NamedTuple):
    """D's logits (m, 1) in one iteration: of its last step's data and samples, and of G's samples.

    They lie in the game's buffers, until the next iteration.
    """

    real: Array
    fake: Array
    sample: Array


def algorithm1(game: Game, t: int) -> Logits:
    """Iteration t of Algorithm 1, t = 0, 1, 2, ...: changes theta_d k times, then theta_g once."""
    for step in range(t * game.k, (t + 1) * game.k):  # for k steps do
        z = game.draws.noise("D", step)  # sample m noise examples from p_z
        x = game.draws.data(step)  # sample m examples from p_data
        d = pass_through_D(game, x, z, game.draws.masks("D", step, 2 * game.m))
        game.d.ascend(gradient_of_D(game, d))  # update D by ascending
    z = game.draws.noise("G", t)  # end for; sample m fresh noise examples from p_z
    s = pass_through_G_and_D(game, z, game.draws.masks("G", t, game.m))
    game.g.descend(gradient_of_G(game, s))  # update G by descending
    return Logits(d.y[: game.m], d.y[game.m :], s.y)


def simultaneous(game: Game, t: int) -> Logits:
    """Iteration t of the published configurations: one pass, then theta_d and theta_g move.

    D's gradient is V times `game.weight_of_V`, which is 1/2 there. G's goes through the fake rows
    of the same pass, so both gradients are taken at the same (theta_d, theta_g).
    """
    z, x = game.draws.noise("D", t), game.draws.data(t)
    d = pass_through_D(game, x, z, game.draws.masks("D", t, 2 * game.m))
    dtheta_d = gradient_of_D(game, d)
    dtheta_g = gradient_of_G(game, d.rows(game.m, 2 * game.m))
    game.d.ascend(dtheta_d)
    game.g.descend(dtheta_g)
    return Logits(d.y[: game.m], d.y[game.m :], d.y[game.m :])


def pass_through_D(game: Game, x: Array, z: Array, masks: list[Array]) -> Trace:
    """D's pass over 2m rows: x (m, n) stacked on G(z) (m, n); z (m, z_size)."""
    game.batch[: game.m] = x
    game.G.forward(game.g.theta, z, trace=game.g_trace)  # its y is game.batch[m:]
    return game.D.forward(game.d.theta, game.batch, masks, trace=game.d_trace)


def pass_through_G_and_D(game: Game, z: Array, masks: list[Array]) -> Trace:
    """D's pass over the m rows of G(z) alone."""
    x = game.G.forward(game.g.theta, z, trace=game.g_trace).y
    return game.D.forward(game.d.theta, x, masks, trace=game.sample_trace)


def gradient_of_D(game: Game, d: Trace) -> Parameters:
    """d(weight V)/d theta_d, from a pass over data and samples; dx is never asked for."""
    da = game.da
    objectives.value_gradient(d.y[: game.m], d.y[game.m :], out=(da[: game.m], da[game.m :]))
    da *= game.weight_of_V
    dtheta_d, _ = game.D.backward(d, da, inputs=False, out=game.dtheta_d)
    return dtheta_d


def gradient_of_G(game: Game, d: Trace) -> Parameters:
    """d(objective)/d theta_g, through D's pass over G(z) to G; dtheta_d is never asked for."""
    da = game.objective.gradient(d.y)
    _, dx = game.D.backward(d, da, params=False)  # dx = d(objective)/dG(z)
    dtheta_g, _ = game.G.backward(game.g_trace, dx, inputs=False, out=game.dtheta_g)
    return dtheta_g
