"""Panels (b) and (c) of Figure 1: training D to D* with G fixed, then updating G with D fixed.

    V(D, G) = sum_x p_data(x) log D(x) + p_g(x) log(1 - D(x))                          (Eq. 3)
    dV/da(x) = p_data(x) sigma(-a(x)) - p_g(x) sigma(a(x))              D = sigma(a)

`to_D_star` ascends this sum over all bins in float64. It uses no minibatches, so the gradient has
no noise and D converges to D* (Prop. 1). `update_G` repeats the G step of Algorithm 1 with D fixed.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.algorithm_1 import gradient_of_G, pass_of_samples
from minigan.layers import sigmoid
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.reports.figures import line_game
from minigan.reports.figures.line_game import D, G, Snapshot
from minigan.schedules import Constant, ExponentialDecay

STEPS_OF_D, RATE_OF_D, MOMENTUM_OF_D = 12000, ExponentialDecay(0.03, 1.0004), Constant(0.97)
STEP_OF_G, MOST_UPDATES = 0.0005, 40


def to_D_star(at: Snapshot, steps: int = STEPS_OF_D) -> Snapshot:
    """The snapshot with the same G, and with D after `steps` gradient steps that ascend V."""
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
    """Updates G with D fixed, 1 to `most` times, and returns the snapshot with the lowest C(G).

    D is D* of the initial G. After many updates it is no longer accurate, and C(G) increases again.
    D* has discontinuities at the ends of p_g, so the steps are small and use no momentum. The noise
    belongs to iterations that `run_game` does not use.
    """
    game = line_game.initial_game(seed)
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
