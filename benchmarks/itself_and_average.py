"""The log-likelihood and the variance of theta_g itself and of its average, over a run.

    python benchmarks/itself_and_average.py RUN [--data-dir DIR] [--json FILE]

For each kept checkpoint, the script prints LL (nats) of the first 1,000 validation images under
10,000 samples, with the sigma of the paper's grid that is best for them, and the sum of the
variances of the pixels: for theta_g itself, and for the average that the run draws its samples
from. The first line has the same values for 10,000 training images in place of samples. The run
needs an average and --set log.keep_every. FILE is a record of docs/results/at-rest: the recipe,
these values, and the machine.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.protocol import GRID, SAMPLES, choose, validation_images
from minigan.reports.run_data import data_of_run
from minigan.training import sampling
from minigan.training.runs.directory import RunDirectory

MACHINE = ("device", "minigan", "python", "numpy", "blas", "processor", "processors", "system")


def values(samples: Array, x: Array) -> dict[str, float]:
    """LL of the images x under the samples, its sigma, and the variance of the samples."""
    best = choose(samples, x, GRID)
    variance = float(samples.var(axis=0, dtype=np.float64).sum())
    return {
        "validation_LL": round(best.LL, 1),
        "sigma": round(best.sigma, 3),
        "variance": round(variance, 1),
    }


def curve(path: Path, data_dir: Path | None) -> Iterator[dict[str, Any]]:
    """The values of the training images, then those of each kept checkpoint of the run."""
    data = data_of_run(path, data_dir)
    x = validation_images(data.validation)
    yield {"training_images": values(data.train[:SAMPLES].all(), x)}
    sampler = sampling.load_sampler(path)
    z = sampler.noise(SAMPLES, 0)
    for file in sorted((path / "checkpoints").glob("*.npz")):
        state = np.load(file)
        line: dict[str, Any] = {"iteration": int(state["iteration"])}
        for name in ("theta_g", "average_g"):
            sampler.theta_g.assign(state[name])
            line[name] = values(sampler.samples(z), x)
        yield line


def record(path: Path, images: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The curve with the recipe, the seed, the training time in seconds, and the machine."""
    run = RunDirectory.open(path)
    facts = run.read_environment()
    last = json.loads((path / "log.jsonl").read_text().splitlines()[-1])
    return {
        "recipe": asdict(run.read_any_recipe()),
        "seed": facts["seed"],
        "stopped_at": last["iteration"],
        "seconds": round(last["seconds"]),
        **images,
        "curve": lines,
        "environment": {name: facts[name] for name in MACHINE},
    }


def main() -> None:
    """Print one line of JSON for the training images, and one for each kept checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=Path, help="a run folder with kept checkpoints")
    parser.add_argument("--data-dir", type=Path, help="the folder of the data set")
    parser.add_argument("--json", type=Path, help="write a record of the run to this file")
    options = parser.parse_args()
    lines = []
    for line in curve(options.run, options.data_dir):
        print(json.dumps(line), flush=True)
        lines.append(line)
    if options.json:
        found = record(options.run, lines[0], lines[1:])
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
