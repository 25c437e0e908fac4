"""Two steps that the paper's Figure 1 takes apart: D all the way to D*, then G against that D.

    V(D, G) = sum_x p_data(x) log D(x) + p_g(x) log(1 - D(x))                          (Eq. 3)
    dV/da(x) = p_data(x) sigma(-a(x)) - p_g(x) sigma(a(x))              D = sigma(a)

`to_D_star` ascends this sum over all bins, with no minibatch and so no noise, in float64: what it
tends to is D* itself (Prop. 1). `update_G` is the last two lines of Algorithm 1, D held fixed.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.algorithm1 import gradient_of_G, pass_of_samples
from minigan.layers import sigmoid
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.reports.figures import line_game
from minigan.reports.figures.line_game import D, G, Snapshot
from minigan.schedules import Constant, ExponentialDecay

STEPS_OF_D, RATE_OF_D, MOMENTUM_OF_D = 12000, ExponentialDecay(0.03, 1.0004), Constant(0.97)
STEP_OF_G, MOST_UPDATES = 0.0005, 40


def to_D_star(at: Snapshot, steps: int = STEPS_OF_D) -> Snapshot:
    """The snapshot with the same G, and its D after so many steps up V."""
    theta_d = Parameters(D.shapes, at.theta_d.astype(np.float64))
    player, x = Momentum(theta_d, RATE_OF_D, MOMENTUM_OF_D), line_game.MIDDLES[:, None]
    d, dtheta_d = D.trace(len(x), np.float64), D.zeros(np.float64)
    p_data, p_g = at.p_data[:, None], at.p_g[:, None]
    with threadpool_limits(1, user_api="blas"):
        for _ in range(steps):
            a = D.forward(theta_d, x, trace=d).y
            da = p_data * sigmoid.forward(-a) - p_g * sigmoid.forward(a)
            D.backward(d, da, inputs=False, out=dtheta_d)
            player.ascend(dtheta_d)
    return line_game.snapshot(at.t, Parameters(G.shapes, at.theta_g), theta_d)


def update_G(at: Snapshot, seed: int, most: int = MOST_UPDATES) -> Snapshot:
    """The snapshot with the same D, and its G after those of `most` updates that lower C(G).

    G is updated alone, 1 to `most` times; the moment with the lowest C(G) is returned: D* is that
    of the G before, and leads a G too far that follows it for long. The noise is that of steps
    which `play` never reaches. D* leaps at the ends of p_g: the steps are small, without momentum.
    """
    game = line_game.begin(seed)
    game.player_g.theta.assign(at.theta_g)
    game.player_d.theta.assign(at.theta_d)
    player = Momentum(game.player_g.theta, Constant(STEP_OF_G), Constant(0))
    shots = []
    with threadpool_limits(1, user_api="blas"):
        for step in range(1, most + 1):
            z = game.draws.noise("G", line_game.ITERATIONS + step)
            g, fake = pass_of_samples(game, z, [])
            player.descend(gradient_of_G(game, g, fake))
            shots.append(line_game.snapshot(at.t + step, player.theta, game.player_d.theta))
    return min(shots, key=lambda shot: shot.C)
