"""Algorithm 1: D climbs V for k steps, then G takes one step down its own objective.

    D ascends    1/m sum_i [ log D(x_i) + log(1 - D(G(z_i))) ]        in theta_d, G held fixed
    G descends   1/m sum_i log(1 - D(G(z_i)))    (minimax)            in theta_g, D held fixed
             or  1/m sum_i -log D(G(z_i))        (non-saturating, section 3)

`algorithm1` is the paper's schedule. It has one step on G; a game with more of them,
`g_steps`, shows what section 6 warns of: "G must not be trained too much without updating D", or
it maps too many z to the same x ("the Helvetica scenario"). `simultaneous` is the schedule of the
authors' published configurations: both players move at once, from one forward pass over the same
z and masks.
"""

from __future__ import annotations

from typing import NamedTuple

from minigan.arrays import Array
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.trace import Trace


class Logits(NamedTuple):
    """D's logits (m, 1) in the passes of one iteration, each before the update that it led to.

    real and fake: the data and samples of the last D step; sample: those of the last G step, as
    the D of that moment saw them. They lie in the game's buffers, until the next iteration.
    """

    real: Array
    fake: Array
    sample: Array


def algorithm1(game: Game, t: int) -> Logits:
    """Iteration t of Algorithm 1, t = 0, 1, 2, ...: changes theta_d k times, then theta_g.

    Once in the paper, `g_steps` times here, each time from fresh noise.
    """
    m, draws = game.m, game.draws
    for step in range(t * game.k, (t + 1) * game.k):  # for k steps do
        z = draws.noise("D", step)  # sample m noise examples from p_z
        x = draws.data(step, out=game.x)  # sample m examples from p_data
        _, both = pass_of_data_and_samples(game, x, z, draws.masks("D", step, 2 * m))
        game.player_d.ascend(gradient_of_D(game, both))  # update D by ascending
    # end for
    for step in range(t * game.g_steps, (t + 1) * game.g_steps):  # once, in the paper
        z = draws.noise("G", step)  # sample m fresh noise examples from p_z
        g, fake = pass_of_samples(game, z, draws.masks("G", step, m))
        game.player_g.descend(gradient_of_G(game, g, fake))  # update G by descending
    return Logits(both.y[:m], both.y[m:], fake.y)


def simultaneous(game: Game, t: int) -> Logits:
    """Iteration t of the published configurations: one pass, then theta_d and theta_g move.

    G's gradient goes through the fake rows of D's pass, so both gradients are taken at the same
    (theta_d, theta_g). There is one step on each: k and g_steps play no part. The published D
    ascends V / 2: for that, make the game with weight_of_V=0.5 (it is 1 by default).
    """
    m, draws = game.m, game.draws
    z, x = draws.noise("D", t), draws.data(t, out=game.x)
    g, both = pass_of_data_and_samples(game, x, z, draws.masks("D", t, 2 * m))
    fake = both.rows(m, 2 * m)
    dtheta_d = gradient_of_D(game, both)
    dtheta_g = gradient_of_G(game, g, fake)
    game.player_d.ascend(dtheta_d)
    game.player_g.descend(dtheta_g)
    return Logits(both.y[:m], fake.y, fake.y)


UPDATE_ORDERS = {"algorithm1": algorithm1, "simultaneous": simultaneous}


def pass_of_data_and_samples(
    game: Game, x: Array, z: Array, masks: list[Array]
) -> tuple[Trace, Trace]:
    """G's pass over z (m, z_size), and D's over 2m rows: x (m, n) stacked on G(z) (m, n)."""
    if x is not game.x:  # draws may have written there at once
        game.x[...] = x
    # G writes its samples into the lower half of the batch: there lies the y of trace_G.
    g = game.G.forward(game.player_g.theta, z, trace=game.trace_G)
    return g, game.D.forward(game.player_d.theta, game.batch, masks, trace=game.trace_D)


def pass_of_samples(game: Game, z: Array, masks: list[Array]) -> tuple[Trace, Trace]:
    """G's pass over z (m, z_size), and D's over the m rows of G(z) alone."""
    g = game.G.forward(game.player_g.theta, z, trace=game.trace_G_step)
    return g, game.D.forward(game.player_d.theta, g.y, masks, trace=game.trace_D_of_samples)


def gradient_of_D(game: Game, both: Trace) -> Parameters:
    """d(weight V)/d theta_d, given D's pass over data and samples; dx is never asked for.

    Raises NotFiniteError, as `gradient_of_G` does, so that no update is made with such a number.
    """
    V = game.objective.value_with_gradient(both.y, game.weight_of_V, out=game.da)
    game.check.loss("V", V)
    dtheta_d, _ = game.D.backward(both, game.da, inputs=False, out=game.dtheta_d)
    return game.check.gradient("D", dtheta_d)


def gradient_of_G(game: Game, g: Trace, fake: Trace) -> Parameters:
    """d(objective)/d theta_g, given G's pass and D's over G(z); dtheta_d is never asked for."""
    loss = game.objective.loss_with_gradient(fake.y, out=game.da_of_samples)
    game.check.loss("G's loss", loss)
    _, dx = game.D.backward(fake, game.da_of_samples, params=False)  # dx = d(loss) / dG(z)
    dtheta_g, _ = game.G.backward(g, dx, inputs=False, out=game.dtheta_g)
    return game.check.gradient("G", dtheta_g)
