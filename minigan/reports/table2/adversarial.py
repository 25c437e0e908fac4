"""The cells of adversarial models: GANs on the ring, on digits and on the line.

training      modes of the ring that G reaches with ten G steps per D step (the Helvetica scenario)
inference     a network that is trained on pairs (G(z), z): its R^2 on new samples
sampling      samples are independent: their effective sample size
evaluating    the Parzen estimate against the exact p_g of a G on the line
design        different networks G that reach the modes of the ring
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from minigan import draws
from minigan.backends import open_backend
from minigan.data.points import Points
from minigan.evaluation.modes import mode_coverage
from minigan.evaluation.quality import N_SAMPLES
from minigan.finite import NotFiniteError
from minigan.layers import Deconvolution, Layer, Linear, Maxout, ReLU, Sigmoid, Windows
from minigan.network import Network
from minigan.reports.figures import line_game
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import Models
from minigan.theory.line import masses_of_map
from minigan.theory.relatives.visible_units import gan_gradient
from minigan.theory.table2.autocorrelation import effective_sample_size
from minigan.theory.table2.parzen_line import parzen_bias_on_the_line
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.inference.encoder import build_E, draw_of, new_encoder, r_squared_of
from minigan.training.inference.encoder import train_encoder as train_E
from minigan.training.inference.losses import PredictionLoss
from minigan.training.parts import NO_PARTS, Parts

ENOUGH = 7  # modes of 8


def training_of_adversarial(models: Models, names: Sequence[str], iterations: int) -> Measured:
    """The modes that G reaches with each recipe; the last one has ten G steps per D step."""
    found = {name: modes_found(name, models.seed, iterations) for name in names}
    return Measured(found[names[-1]], "of 8 modes", {"modes": found})


def inference_of_adversarial(models: Models, updates: int) -> Measured:
    """R^2 of z from E(x), for samples x of the GAN of digits."""
    sampler = models.gan
    encoder = new_encoder(build_E(sampler.n, sampler.z_size), sampler.backend, "z")
    train_E(encoder, draw_of(sampler), PredictionLoss(), updates)
    return Measured(r_squared_of(encoder, sampler), "R^2")


def sampling_of_adversarial(models: Models, chains: int, steps: int) -> Measured:
    """The effective sample size of `steps` samples of the GAN of digits."""
    sampler = models.gan
    x = sampler.samples(sampler.noise(chains * steps, models.seed, "table 2/GAN"))
    f = (x @ models.direction).reshape(chains, steps)
    return Measured(effective_sample_size(f), f"of {steps:,} draws")


def evaluating_of_adversarial(
    models: Models, iterations: int, bins: int, samples: int, tests: int
) -> Measured:
    """The error of the Parzen estimate on the line; `tests` points choose sigma, others test."""
    _, game = next(islice(line_game.run_game(models.seed), iterations, None))
    G, theta_g, end = line_game.G, game.player_g.theta, line_game.Z_END
    cells = np.linspace(-end, end, line_game.CELLS + 1, dtype=np.float32)[:, None]
    x = G.forward(theta_g, cells).y[:, 0].astype(np.float64)
    edges = np.linspace(x.min(), x.max(), bins + 1)
    z = draws.generator(models.seed, "table 2/line", 0).uniform(-end, end, samples + 2 * tests)
    drawn = G.forward(theta_g, z[:, None].astype(np.float32)).y[:, 0].astype(np.float64)
    drawn, validation, test = np.split(drawn, [samples, samples + tests])
    masses = masses_of_map(x, edges)
    bias, sigma = parzen_bias_on_the_line(drawn, validation, test, edges, masses)
    return Measured(abs(bias), "nats", {"bias": bias, "sigma": sigma})


def design_of_adversarial(models: Models, iterations: int) -> Measured:
    """The number of different G that reach ENOUGH modes of the ring; a rounded G has gradient 0."""
    found = {
        name: modes_found("toy", models.seed, iterations, Parts(G=G))
        for name, G in generators().items()
    }
    rounded = float(abs(gan_gradient(True, False, models.seed).vector).max())
    reached = sum(modes >= ENOUGH for modes in found.values())
    details = {"modes": found, "gradient_of_a_rounded_G": rounded}
    return Measured(reached, f"of {len(found)} networks G", details)


def modes_found(recipe: str, seed: int, iterations: int, parts: Parts = NO_PARTS) -> int:
    """The number of modes that samples of G reach after `iterations` iterations of a recipe.

    0 if a number of the training is not finite.
    """
    experiment = Experiment.begin(recipes.load(recipe), seed, open_backend("cpu"), parts=parts)
    try:
        for t in range(iterations):
            experiment.iterate(t)
    except NotFiniteError:
        return 0
    assert isinstance(experiment.data.train, Points)
    return mode_coverage(experiment.samples(N_SAMPLES), experiment.data.train.mixture).found


def generators() -> dict[str, Network]:
    """Five networks G from z of 4 coordinates to points in the plane."""

    def network(*layers: Layer) -> Network:
        return Network(4, layers)

    hidden, output = Linear(64, 0.2), Linear(2, 0.2)
    return {
        "ReLU": network(hidden, ReLU(), hidden, ReLU(), output),
        "three hidden layers": network(hidden, ReLU(), hidden, ReLU(), hidden, ReLU(), output),
        "maxout": network(Linear(96, 0.2), Maxout(32, 3), Linear(96, 0.3), Maxout(32, 3), output),
        "sigmoid": network(Linear(64, 2.0), Sigmoid(), Linear(64, 1.0), Sigmoid(), Linear(2, 1.0)),
        "deconvolution": network(
            hidden, ReLU(), Linear(48, 0.2), ReLU(), Deconvolution(Windows(1, 2, 2, pad=1), 1, 0.2)
        ),
    }
