"""The inference network E(x; theta_e) and its training for a fixed G.

    E    x -> [linear, ReLU] twice -> linear: z_size numbers
    update t:  z ~ p_z, x = G(z); theta_e descends a loss J of E(x), x and z (`losses`)

Each update draws new z, so E cannot overfit. The draw of update t is (0, "noise/E", t) and the
rate depends on t only, so a training that is continued has the same bits as one without a stop.

W is uniform on (-sqrt(6 / inputs), sqrt(6 / inputs)), which keeps the scale of the activations
through ReLU layers (He initialisation). The sizes and rates were chosen by this project. The
"latent regressor" of Donahue et al., Adversarial Feature Learning (2017), section 4.1, is trained
on the loss "z".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.backends.protocol import Backend
from minigan.errors import UserError
from minigan.evaluation.inference import r_squared
from minigan.layers import Linear, ReLU
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.schedules import Constant, ExponentialDecay
from minigan.training.features import hidden_layer
from minigan.training.inference.losses import LOSSES, RATES, EncoderLoss
from minigan.training.sampler import Sampler, outputs

M = 100  # z per update
HIDDEN_PER_INPUT, LARGEST_HIDDEN = 4, 1200
RATE_DIVISOR, LEAST_RATE, MOMENTUM = 1.0003, 1 / 20, 0.9  # a twentieth after 10,000 updates
FEATURES = 1  # the hidden layer of E whose outputs are its features
CHECK_EVERY = 100  # updates between two checks that J is finite
TEST_SAMPLES = 2000

Draw = Callable[[int], tuple[Array, Array]]


@dataclass(frozen=True)
class Encoder:
    """E with theta_e, its optimizer and the name of its loss.

    `player.updates` is the number of updates so far.
    """

    E: Network
    player: Momentum
    backend: Backend
    loss: str = LOSSES[0]

    def codes(self, x: Array) -> Array:
        """E(x) (N, z_size), for NumPy rows x (N, n)."""
        return outputs(self.E, self.player.theta, x, self.backend)

    def features(self, x: Array) -> Array:
        """The outputs (N, units) of the first hidden layer of E, for NumPy rows x (N, n)."""
        return outputs(*hidden_layer(self.E, self.player.theta, FEATURES), x, self.backend)


def build_E(n: int, z_size: int) -> Network:
    """The network n -> hidden -> hidden -> z_size. The hidden layers have min(4 n, 1200) units."""
    hidden = min(HIDDEN_PER_INPUT * n, LARGEST_HIDDEN)
    first, second = (Linear(hidden, math.sqrt(6 / inputs)) for inputs in (n, hidden))
    return Network(n, (first, ReLU(), second, ReLU(), Linear(z_size, math.sqrt(6 / hidden))))


def new_encoder(E: Network, backend: Backend, loss: str = LOSSES[0]) -> Encoder:
    """An untrained E on a device. theta_e is drawn on the host, with the seed 0."""
    theta = E.zeros(xp=backend.xp)
    theta.assign(backend.asarray(E.initial(0, "theta_e").vector))
    rate = RATES[loss]
    eta = ExponentialDecay(rate, RATE_DIVISOR, rate * LEAST_RATE)
    return Encoder(backend.network(E), Momentum(theta, eta, Constant(MOMENTUM)), backend, loss)


def draw_of(sampler: Sampler) -> Draw:
    """draw(t): x = G(z) (M, n) and the z (M, z_size) of update t. x is overwritten by the next."""
    G, xp = sampler.G, sampler.backend.xp
    trace = G.trace(M, sampler.theta_g.vector.dtype, xp)

    def draw(t: int) -> tuple[Array, Array]:
        rng = draws.generator(0, "noise/E", t)
        z = sampler.backend.asarray(sampler.prior(rng, M, sampler.z_size))
        return G.forward(sampler.theta_g, z, trace=trace).y, z

    return draw


def train_encoder(
    encoder: Encoder,
    draw: Draw,
    loss: EncoderLoss,
    updates: int,
    after: Callable[[int, float | None], None] = lambda t, J: None,
) -> None:
    """Update theta_e until it has had `updates` updates in all.

    `after` is called after each update with the number of updates and with J, or with None where
    J was not computed. Raises UserError if J is not finite.
    """
    E, player = encoder.E, encoder.player
    dtheta = E.zeros(xp=encoder.backend.xp)
    trace = None
    for t in range(player.updates, updates):
        x, z = draw(t)
        if trace is None:
            trace = E.trace(len(x), x.dtype, encoder.backend.xp)
        e = E.forward(player.theta, x, trace=trace).y
        J = None
        if (t + 1) % CHECK_EVERY == 0 or t + 1 == updates:
            J = float(loss.error(e, x, z))
            if not math.isfinite(J):
                raise UserError(
                    f"the loss of E is {J} after {t} updates: G has too large outputs for the "
                    "learning rate of E"
                )
        E.backward(trace, loss.gradient(e, x, z), inputs=False, out=dtheta)
        player.descend(dtheta)
        after(t + 1, J)


def r_squared_of(encoder: Encoder, sampler: Sampler) -> float:
    """R^2 of E on 2,000 fresh samples. Training draws from another stream."""
    z = sampler.noise(TEST_SAMPLES, 0, "noise/E/test")
    return r_squared(encoder.codes(sampler.samples(z)), np.asarray(z))
