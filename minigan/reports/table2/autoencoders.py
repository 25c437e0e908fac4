"""The cells of generative autoencoders: a GSN, and encoders of a CAE.

training      GSNs with more and more noise mix faster and reconstruct worse: the price
inference     steps of the chain until the completion of a given half has settled
sampling      the chain: its effective sample size
evaluating    the Parzen estimate of a known density in as many dimensions as a digit has
design        encoders for which two passes give the step of the CAE's chain
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from minigan import draws
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import Models
from minigan.theory.relatives.gsn import noise_of_marginals
from minigan.theory.table2.autocorrelation import effective_sample_size
from minigan.theory.table2.jacobian_sampler import encoders, worst_error
from minigan.theory.table2.parzen_bias import parzen_bias
from minigan.theory.table2.walks import (
    completion_errors,
    corrupted_reconstruction_error,
    cost_of_mixing,
    settling_time,
    steps_between_changes,
    walk_of,
)

EXACT = 1e-12  # relative


def training_of_autoencoders(
    models: Models, salts: Sequence[float], chains: int, steps: int
) -> Measured:
    """What a chain that mixes twice as fast costs, in nats of reconstruction per image."""
    x = models.test.all()
    changes, errors = [], []
    for salt in salts:
        gsn, theta = models.gsn_with_salt(salt)
        walk = walk_of(gsn, theta, x[:chains], draws.generator(models.seed, "table 2/mixing", 0))
        changes.append(steps_between_changes(walk, models.classifier.classes, steps))
        errors.append(corrupted_reconstruction_error(gsn, theta, x, models.seed))
    details = {"steps_between_changes": changes, "reconstruction": errors}
    return Measured(cost_of_mixing(np.array(changes), np.array(errors)), "nats", details)


def inference_of_autoencoders(models: Models, steps: int) -> Measured:
    """Steps until the error of the lower half of test images, given the upper half, has settled."""
    gsn, theta = models.gsn
    x = models.test.all()
    start = noise_of_marginals(models.train, len(x), models.seed)
    errors = completion_errors(gsn, theta, x, start, steps, models.seed)
    details = {"first": float(errors[0]), "last": float(errors[-1])}
    return Measured(settling_time(errors), "steps", details)


def sampling_of_autoencoders(models: Models, chains: int, burn_in: int, steps: int) -> Measured:
    """The effective sample size of `steps` steps of a walk."""
    gsn, theta = models.gsn
    rng = draws.generator(models.seed, "table 2/walk", 0)
    walk = walk_of(gsn, theta, models.test.all()[:chains], rng)
    f = np.array([x @ models.direction for x in islice(walk, burn_in, burn_in + steps)])
    return Measured(effective_sample_size(f.T), f"of {steps:,} steps")


def evaluating_of_autoencoders(
    models: Models, dimensions: Sequence[int], samples: int, tests: int
) -> Measured:
    """The error of the Parzen estimate for a Gaussian, in the first of these dimensions."""
    found = {d: parzen_bias(d, samples, tests, models.seed) for d in dimensions}
    biases = {str(d): bias for d, (bias, _) in sorted(found.items())}
    return Measured(abs(found[dimensions[0]][0]), "nats", {"bias": biases})


def design_of_autoencoders(models: Models) -> Measured:
    """The number of encoders whose step of the chain agrees with that of their Jacobian."""
    worst = {name: worst_error(name, models.seed) for name in encoders()}
    valid = sum(error < EXACT for error in worst.values())
    return Measured(valid, f"of {len(worst)} encoders", {"error": worst})
