"""Algorithm 1: update D for k steps, then update G once, in every iteration.

    D ascends    1/m sum_i [ log D(x_i) + log(1 - D(G(z_i))) ]        in theta_d, with theta_g fixed
    G descends   1/m sum_i log(1 - D(G(z_i)))    (minimax)            in theta_g, with theta_d fixed
             or  1/m sum_i -log D(G(z_i))        (non-saturating, section 3)

This file implements two update orders:

    algorithm1      the order of the paper: k updates of D, then one update of G on fresh noise
    simultaneous    the order of the authors' published configurations: one forward pass, then one
                    update of D and one of G, both on the same z and masks

`Game.g_steps` allows several updates of G per iteration; the paper makes one. Section 6 warns
that "G must not be trained too much without updating D", because G then maps many values of z to
the same x ("the Helvetica scenario").
"""

from __future__ import annotations

from typing import NamedTuple

from minigan.arrays import Array
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.trace import Trace


class Logits(NamedTuple):
    """D's logits (m, 1) in one iteration, each computed before the update that used it.

    real: D's logits of the data in the last D step.
    fake: D's logits of the samples in the last D step.
    sample: D's logits of the samples in the last G step.
    paired: D's logits of the data in the last G step if the objective compares pairs, else `real`.

    The arrays are views of the game's buffers; the next iteration overwrites them.
    """

    real: Array
    fake: Array
    sample: Array
    paired: Array


def algorithm1(game: Game, t: int) -> Logits:
    """Iteration t = 0, 1, 2, ... of Algorithm 1: k updates of theta_d, then g_steps of theta_g.

    The paper has g_steps = 1. Every step draws fresh noise. An objective of pairs compares the
    samples of a G step with the minibatch x of the last D step. Raises NotFiniteError if a loss or
    a gradient is not finite, before the update that would use it.
    """
    m, draws, pairs = game.m, game.draws, game.objective.pairs
    for step in range(t * game.k, (t + 1) * game.k):  # for k steps do
        z = draws.noise("D", step)  # sample m noise examples from p_z
        x = draws.data(step, out=game.x)  # sample m examples from p_data
        _, both = pass_of_data_and_samples(game, x, z, draws.masks("D", step, 2 * m))
        game.player_d.ascend(gradient_of_D(game, both))  # update D by ascending its gradient
    # end for
    a = both.y.copy() if pairs else both.y  # the pass of pairs below writes to the same buffer
    paired = a[:m]
    for step in range(t * game.g_steps, (t + 1) * game.g_steps):  # once, in the paper
        z = draws.noise("G", step)  # sample m fresh noise examples from p_z
        if pairs:
            g, both = pass_of_data_and_samples(game, game.x, z, draws.masks("G", step, 2 * m))
            fake, paired = both.rows(m, 2 * m), both.y[:m]
        else:
            g, fake = pass_of_samples(game, z, draws.masks("G", step, m))
        dtheta_g = gradient_of_G(game, g, fake, paired)
        game.player_g.descend(dtheta_g)  # update G by descending its gradient
    return Logits(a[:m], a[m:], fake.y, paired)


def simultaneous(game: Game, t: int) -> Logits:
    """Iteration t = 0, 1, 2, ... of the published configurations: one pass, then both updates.

    G's gradient is computed through the fake rows of D's pass, so both gradients are taken at the
    same (theta_d, theta_g). Each player makes one update: k and g_steps are ignored. In the
    published configurations D ascends V / 2; for that, make the game with weight_of_V=0.5 (the
    default is 1). Raises NotFiniteError before either update.
    """
    m, draws = game.m, game.draws
    z, x = draws.noise("D", t), draws.data(t, out=game.x)
    g, both = pass_of_data_and_samples(game, x, z, draws.masks("D", t, 2 * m))
    real, fake = both.y[:m], both.rows(m, 2 * m)
    dtheta_d = gradient_of_D(game, both)
    dtheta_g = gradient_of_G(game, g, fake, real)
    game.player_d.ascend(dtheta_d)
    game.player_g.descend(dtheta_g)
    return Logits(real, fake.y, fake.y, real)


UPDATE_ORDERS = {"algorithm1": algorithm1, "simultaneous": simultaneous}


def pass_of_data_and_samples(
    game: Game, x: Array, z: Array, masks: list[Array]
) -> tuple[Trace, Trace]:
    """G's pass over z (m, z_size), and D's pass over 2m rows: x (m, n) stacked on G(z) (m, n)."""
    if x is not game.x:  # the draws may have used `out=game.x`
        game.x[...] = x
    # The y of trace_G is the lower half of the batch, so G writes its samples there.
    g = game.G.forward(game.player_g.theta, z, trace=game.trace_G)
    if g.y is not game.trace_G.layers[-1].y:  # a last layer that returned its input
        game.batch[game.m :] = g.y
    return g, game.D.forward(game.player_d.theta, game.batch, masks, trace=game.trace_D)


def pass_of_samples(game: Game, z: Array, masks: list[Array]) -> tuple[Trace, Trace]:
    """G's pass over z (m, z_size), and D's pass over the m rows of G(z)."""
    g = game.G.forward(game.player_g.theta, z, trace=game.trace_G_step)
    return g, game.D.forward(game.player_d.theta, g.y, masks, trace=game.trace_D_of_samples)


def gradient_of_D(game: Game, both: Trace) -> Parameters:
    """d(weight V - P) / d theta_d, given D's pass over data and samples. The paper has no P.

    Without a penalty P, D's dx is not computed. Raises NotFiniteError if V, P or the gradient is
    not finite.
    """
    V = game.objective.value_with_gradient(both.y, game.weight_of_V, out=game.da)
    game.check.loss("V", V)
    if game.penalty is None:
        game.D.backward(both, game.da, inputs=False, out=game.dtheta_d)
    else:
        step, out = game.player_d.updates, game.dtheta_d
        game.P = game.penalty.backward(game.D, both, game.da, step, out=out)
        game.check.loss("the penalty", game.P)
    return game.check.gradient("D", game.dtheta_d)


def gradient_of_G(game: Game, g: Trace, fake: Trace, paired: Array | None = None) -> Parameters:
    """d(loss of G) / d theta_g, given G's pass and D's pass over G(z). dtheta_d is not computed.

    paired (m, 1): D's logits of the examples that an objective of pairs compares the samples with.
    Raises NotFiniteError if the loss or the gradient is not finite.
    """
    loss = game.objective.loss_with_gradient(fake.y, paired, out=game.da_of_samples)
    game.check.loss("G's loss", loss)
    _, dx = game.D.backward(fake, game.da_of_samples, params=False)  # dx = d(loss) / dG(z)
    dtheta_g, _ = game.G.backward(g, dx, inputs=False, out=game.dtheta_g)
    return game.check.gradient("G", dtheta_g)
