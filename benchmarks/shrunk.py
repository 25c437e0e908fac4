"""The log-likelihood of a G whose parameters are moved towards their initial values.

    theta(w) = w theta_initial + (1 - w) theta        theta_initial: theta_g as drawn from the seed

    python benchmarks/shrunk.py RUN [--data-dir DIR]

For some w, the script prints LL (nats) of validation images under 10,000 samples of theta(w), with
the paper's grid of sigmas and with a finer one, and the variance of the pixels. A larger w blurs
the samples, but can increase LL: the score does not measure only quality.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from minigan.backends import open_backend
from minigan.data.images import Images
from minigan.evaluation.protocol import GRID, SAMPLES, choose, finer, validation_images
from minigan.reports.run_data import data_of_run
from minigan.training import sampling
from minigan.training.experiment import Experiment
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.facts import source_of

SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)


def main() -> None:
    """Print one line for each w."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=Path, help="a run folder with a best checkpoint")
    parser.add_argument("--data-dir", type=Path, help="the folder of the data set")
    options = parser.parse_args()
    run, data = (
        RunDirectory.open(options.run),
        data_of_run(options.run, options.data_dir),
    )
    assert isinstance(data.train, Images)
    seed, recipe = run.read_environment()["seed"], run.read_recipe()
    source = options.data_dir or source_of(run.read_environment()["data"])
    initial = Experiment.begin(recipe, seed, open_backend("cpu"), source).game.player_g.theta.vector
    sampler = sampling.load_sampler(options.run, "best")
    theta, z = sampler.theta_g.vector.copy(), sampler.noise(SAMPLES, 0)
    x = validation_images(data.validation)
    print("| w | validation LL, sigma | finer sigma | variance of all pixels |\n|---|---|---|---|")
    for w in SHARES:
        sampler.theta_g.assign(w * initial + (1 - w) * theta)
        samples = sampler.samples(z)
        by_grid = choose(samples, x, GRID)
        fine = choose(samples, x, finer(by_grid))
        variance = float(samples.var(axis=0, dtype=np.float64).sum())
        print(
            f"| {w:.2f} | {by_grid.LL:.1f} ({by_grid.sigma:.3f}) "
            f"| {fine.LL:.1f} ({fine.sigma:.3f}) | {variance:.1f} |"
        )


if __name__ == "__main__":
    main()
