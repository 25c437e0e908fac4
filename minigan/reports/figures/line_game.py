"""A GAN on one-dimensional data, for which p_g, D* and C(G) can be computed exactly.

    z ~ uniform (-sqrt 3, sqrt 3)      G: rectifier layers, linear output        D: maxout layers
    x ~ p_data, a one-dimensional mixture of Gaussians    Algorithm 1; G ascends log D (section 3)

p_g follows exactly from theta_g (see `line`). From the masses of p_data and p_g in the bins between
EDGES, a `Snapshot` computes

    D*   = p_data / (p_data + p_g)                  (Eq. 2)
    C(G) = -log 4 + 2 JSD(p_data || p_g)            (Eq. 6)

without sampling. All constants were chosen by experiment.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import objectives, theory
from minigan.algorithm_1 import algorithm1
from minigan.arrays import Array
from minigan.data import toys
from minigan.data.points import Points
from minigan.draws import generator, noise
from minigan.draws.minibatches import Minibatches
from minigan.game import Game
from minigan.layers import Linear, Maxout, ReLU, sigmoid
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay
from minigan.theory import line

P_DATA = toys.one_peak()
EDGES = np.linspace(-2.0, 5.0, 101)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
Z_END = math.sqrt(3)
CELLS = 4000  # number of cells of z

G = Network(1, (Linear(64, 1.0), ReLU(), Linear(64, 0.2), ReLU(), Linear(1, 0.2)))
D = Network(1, (Linear(64, 3.0), Maxout(16, 4), Linear(64, 0.25), Maxout(16, 4), Linear(1, 0.25)))
EXAMPLES = 50_000
K, M, MOMENTUM = 5, 256, 0.5
# The learning rate of G is lower and decays faster, so that D stays close to D*. With D's learning
# rate for G, one seed of seven still had a JSD of 0.6 after 50 iterations.
RATE_OF_G, RATE_OF_D = ExponentialDecay(0.02, 1.001), ExponentialDecay(0.05, 1.0003)
ITERATIONS = 1500
LEAST = 0.1  # bins with a smaller weight, relative to the highest, are ignored for `largest`


@dataclass(frozen=True)
class LineSetting:
    """The number k of D steps, G's objective, and a factor for both learning rates."""

    k: int = K
    objective: Objective = objectives.non_saturating
    rate: float = 1.0


FIGURE_1 = LineSetting()


@dataclass(frozen=True)
class Snapshot:
    """The state after t iterations: theta_g, theta_d, p_g (bins,) and D (bins,).

    p_g and p_data contain the mass of each bin and sum to 1. D is evaluated at the bin centres.
    """

    t: int
    theta_g: Array
    theta_d: Array
    p_g: Array
    D: Array

    @cached_property
    def p_data(self) -> Array:
        """The masses of p_data (bins,)."""
        return line.masses_of_mixture(P_DATA, EDGES)

    @cached_property
    def D_star(self) -> Array:
        """D* of Eq. 2 (bins,)."""
        return theory.optimal_discriminator(self.p_data, self.p_g)

    @cached_property
    def jsd(self) -> float:
        """JSD(p_data || p_g) in nats."""
        return theory.jsd(self.p_data, self.p_g)

    @property
    def C(self) -> float:
        """C(G) = -log 4 + 2 JSD in nats (Eq. 6), the value of V for D*."""
        return -objectives.LOG_4 + 2 * self.jsd

    @property
    def V(self) -> float:
        """V(D, G) in nats, by the sum of Eq. 3. V <= C(G)."""
        return theory.game_value(self.p_data, self.p_g, self.D)

    @property
    def D_Gz(self) -> float:
        """E[D(G(z))], the mean of D over samples."""
        return float(self.p_g @ self.D)

    def distance(self, target: Array | float) -> tuple[float, float]:
        """The mean and largest |D - target|.

        The mean is weighted by (p_data + p_g) / 2, the distribution of the inputs of D. The largest
        value is taken over the bins whose weight is at least LEAST times the highest weight,
        because D is hardly trained in the other bins.
        """
        weights, distances = (self.p_data + self.p_g) / 2, abs(self.D - target)
        largest = distances[weights >= LEAST * weights.max()].max()
        return float(weights @ distances), float(largest)


def initial_game(seed: int, setting: LineSetting = FIGURE_1) -> Game:
    """The game before the first iteration.

    The weights are uniform and the biases are 0, except in the first layers. Unit i of a first
    layer has its kink where w_i z + b_i = 0, and with b_i = 0 all kinks would be at 0. Therefore
    b_i = -w_i c_i, with the kinks c_i uniform over x for D. For G the kinks are denser near both
    ends of z, c = sqrt 3 sin(pi u / 2), because G must stretch the uniform mass there into tails.

    If G is decreasing, the last W of G is negated. Both signs are equally likely, and with an
    increasing G the arrows of the figure do not cross.
    """
    theta_g, theta_d = G.initial(seed, "theta_g"), D.initial(seed, "theta_d")
    u_g, u_d = (
        2 * generator(seed, f"{stream}/linear1.b", 0).random(64, dtype=np.float32) - 1
        for stream in ("theta_g", "theta_d")
    )
    middle, half = (EDGES[-1] + EDGES[0]) / 2, (EDGES[-1] - EDGES[0]) / 2
    theta_g["linear1.b"][...] = -theta_g["linear1.W"][0] * Z_END * np.sin(np.pi / 2 * u_g)
    theta_d["linear1.b"][...] = -theta_d["linear1.W"][0] * (middle + half * u_d)
    first, last = G.forward(theta_g, np.array([[-Z_END], [Z_END]], np.float32)).y[:, 0]
    if first > last:
        theta_g["linear3.W"][...] *= -1
    x = P_DATA.sample(generator(0, "data/line", 0), EXAMPLES).astype(np.float32)
    return Game(
        G,
        D,
        player_g=_player(theta_g, RATE_OF_G, setting),
        player_d=_player(theta_d, RATE_OF_D, setting),
        draws=Minibatches(seed, Points(x, P_DATA), M, "independent", noise.uniform, 1, []),
        objective=setting.objective,
        m=M,
        k=setting.k,
    )


def _player(theta: Parameters, rate: ExponentialDecay, setting: LineSetting) -> Momentum:
    eta = replace(rate, initial=rate.initial * setting.rate)
    return Momentum(theta, eta, Constant(MOMENTUM))


def run_game(seed: int, setting: LineSetting = FIGURE_1) -> Iterator[tuple[int, Game]]:
    """Trains with Algorithm 1 and yields (t, game) before each iteration t, and after the last one.

    t = 0, 1, ..., ITERATIONS. All pairs contain the same Game object, which the next iteration
    changes in place.
    """
    game = initial_game(seed, setting)
    with threadpool_limits(1, user_api="blas"):  # the matrix products are too small for threads
        for t in range(ITERATIONS):
            yield t, game
            algorithm1(game, t)
        yield ITERATIONS, game


def frame_iterations(last: int, frames: int) -> set[int]:
    """The iterations that the frames 0, ..., n - 1 show: frame i shows last (i / (n - 1))^2.

    They are denser at the start, where most changes happen.
    """
    return {round(last * (i / (frames - 1)) ** 2) for i in range(frames)}


def snapshot(t: int, theta_g: Parameters, theta_d: Parameters) -> Snapshot:
    """The snapshot of a game at iteration t, with copies of the parameters."""
    z = np.linspace(-Z_END, Z_END, CELLS + 1, dtype=theta_g.vector.dtype)[:, None]
    x = MIDDLES[:, None].astype(theta_d.vector.dtype)
    p_g = line.masses_of_map(G.forward(theta_g, z).y[:, 0], EDGES)
    logits = D.forward(theta_d, x).y[:, 0].astype(np.float64)
    copies = theta_g.vector.copy(), theta_d.vector.copy()
    return Snapshot(t, *copies, p_g, sigmoid.forward(logits))
