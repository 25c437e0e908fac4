"""A game on the line, small enough to be watched whole: p_g, D and C(G) at any moment of it.

    z ~ uniform (-sqrt 3, sqrt 3)      G: rectifier layers, linear output        D: maxout layers
    x ~ p_data, a mixture of Gaussians on the line        Algorithm 1; G ascends log D (section 3)

A snapshot knows everything: p_g follows exactly from theta_g (`line`), so that with the masses of
p_data and p_g in the bins between EDGES

    D*   = p_data / (p_data + p_g)                  (Eq. 2)
    C(G) = -log 4 + 2 JSD(p_data || p_g)            (Eq. 6)

are numbers, not estimates. All constants were chosen by trial.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import objectives, theory
from minigan.algorithm1 import algorithm1
from minigan.arrays import Array
from minigan.data.points import Points
from minigan.data.toys import Mixture
from minigan.draws import generator, noise
from minigan.draws.minibatches import Minibatches
from minigan.game import Game
from minigan.layers import Linear, Maxout, ReLU, sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.reports.figures import line
from minigan.schedules import Constant, ExponentialDecay

# A bell whose tails are lighter than those of one Gaussian.
P_DATA = Mixture(np.array([[0.6], [1.5], [2.4]]), 0.45, np.array([0.25, 0.5, 0.25]))
EDGES = np.linspace(-2.0, 5.0, 101)
MIDDLES = (EDGES[1:] + EDGES[:-1]) / 2
Z_END = math.sqrt(3)
CELLS = 4000  # of z

G = Network(1, (Linear(64, 1.0), ReLU(), Linear(64, 0.2), ReLU(), Linear(1, 0.2)))
D = Network(1, (Linear(64, 3.0), Maxout(16, 4), Linear(64, 0.25), Maxout(16, 4), Linear(1, 0.25)))
EXAMPLES = 50_000
K, M, MOMENTUM = 5, 256, 0.5
# G is the slower one and slows down more, so that D keeps up: with the rate of D, one seed of seven
# still had a JSD of 0.6 after 50 iterations.
RATE_OF_G, RATE_OF_D = ExponentialDecay(0.02, 1.001), ExponentialDecay(0.05, 1.0003)
ITERATIONS = 1500
LEAST = 0.1  # of the highest weight of a bin: what a largest distance is taken over


@dataclass(frozen=True)
class Snapshot:
    """The game after t iterations: theta_g, theta_d, p_g (bins,) and D at the bins' middles.

    p_g, like p_data, holds the mass of each bin, with the sum 1.
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
        """C(G) = -log 4 + 2 JSD in nats (Eq. 6): the V of D*."""
        return -objectives.LOG_4 + 2 * self.jsd

    @property
    def V(self) -> float:
        """V(D, G) in nats, the sum of Eq. 3: at most C."""
        return theory.game_value(self.p_data, self.p_g, self.D)

    @property
    def D_Gz(self) -> float:
        """E[D(G(z))]: D's mean answer on samples."""
        return float(self.p_g @ self.D)

    def away(self, target: Array | float) -> tuple[float, float]:
        """(mean, largest) |D - target|, the mean over what D is asked about, (p_data + p_g) / 2.

        The largest is that of the bins where this is at least LEAST of its highest value: where
        hardly anything falls, D is hardly asked.
        """
        asked, off = (self.p_data + self.p_g) / 2, abs(self.D - target)
        return float(asked @ off), float(off[asked >= LEAST * asked.max()].max())


def begin(seed: int) -> Game:
    """The game before its first iteration.

    Layers start as everywhere, weights uniform and biases 0, but for the first ones: unit i bends
    where w_i z + b_i = 0, and with b_i = 0 all would bend in one place. Here b_i = -w_i c_i: D's
    places c_i are uniform over x, G's are denser near both ends of z, c = sqrt 3 sin(pi u / 2),
    where the even mass of z has to be stretched into tails. And of theta_g and the same with its
    last W negated, equally likely starts, the one whose G rises is taken: arrows would cross.
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
        player_g=Momentum(theta_g, RATE_OF_G, Constant(MOMENTUM)),
        player_d=Momentum(theta_d, RATE_OF_D, Constant(MOMENTUM)),
        draws=Minibatches(seed, Points(x, P_DATA), M, "independent", noise.uniform, 1, []),
        objective=objectives.non_saturating,
        m=M,
        k=K,
    )


def play(seed: int) -> Iterator[tuple[int, Game]]:
    """(t, game) before iteration t of Algorithm 1, t = 0, 1, ..., ITERATIONS; the game is one.

    `algorithm1` plays the next iteration whenever the next pair is asked for.
    """
    game = begin(seed)
    with threadpool_limits(1, user_api="blas"):  # the products are too small to be shared
        for t in range(ITERATIONS):
            yield t, game
            algorithm1(game, t)
        yield ITERATIONS, game


def snapshot(t: int, theta_g: Parameters, theta_d: Parameters) -> Snapshot:
    """What is to be seen of a game at iteration t; the parameters are copied."""
    z = np.linspace(-Z_END, Z_END, CELLS + 1, dtype=theta_g.vector.dtype)[:, None]
    x = MIDDLES[:, None].astype(theta_d.vector.dtype)
    p_g = line.masses_of_map(G.forward(theta_g, z).y[:, 0], EDGES)
    logits = D.forward(theta_d, x).y[:, 0].astype(np.float64)
    copies = theta_g.vector.copy(), theta_d.vector.copy()
    return Snapshot(t, *copies, p_g, sigmoid.forward(logits))
