"""The log-likelihood and the variance of theta_g itself and of its average, over a run.

    python benchmarks/itself_and_average.py RUN [--data-dir DIR]

For each kept checkpoint, the script prints LL (nats) of the first 1,000 validation images under
10,000 samples, with the sigma of the paper's grid that is best for them, and the sum of the
variances of the pixels in brackets: for theta_g itself, and for the average that the run draws its
samples from. The run needs an average and --set log.keep_every.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from minigan.evaluation.protocol import GRID, SAMPLES, choose, validation_images
from minigan.reports import likelihood
from minigan.training import sampling


def main() -> None:
    """Print one line of JSON for each kept checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=Path, help="a run folder with kept checkpoints")
    parser.add_argument("--data-dir", type=Path, help="the folder of the data set")
    options = parser.parse_args()
    x = validation_images(likelihood.data_of_run(options.run, options.data_dir).validation)
    sampler = sampling.load_sampler(options.run)
    z = sampler.noise(SAMPLES, 0)
    for file in sorted((options.run / "checkpoints").glob("*.npz")):
        state = np.load(file)
        line: dict[str, object] = {"iteration": int(state["iteration"])}
        for name in ("theta_g", "average_g"):
            sampler.theta_g.assign(state[name])
            samples = sampler.samples(z)
            best = choose(samples, x, GRID)
            variance = float(samples.var(axis=0, dtype=np.float64).sum())
            line[name] = {
                "validation_LL": round(best.LL, 1),
                "sigma": round(best.sigma, 3),
                "variance": round(variance, 1),
            }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
