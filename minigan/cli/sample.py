"""`minigan sample`: draw samples from a trained G."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import (
    Parser,
    add_checkpoint,
    add_debug,
    add_device,
    path,
    sample_count,
    seed,
)


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan sample`."""
    sample = commands.add_parser(
        "sample",
        help="draw samples from a trained G",
        description="Draw samples G(z) from a checkpoint of a run and write them to a file. A .png "
        "file is a picture of all samples. A .npy file is an array (count, n) of float32; the "
        "pixels of images are in [0, 1].",
    )
    sample.add_argument(
        "run",
        type=path,
        metavar="RUN",
        help="use the G of this run folder, or a pretrained G: mnist, mnist-conditional",
    )
    sample.add_argument(
        "--count",
        type=sample_count,
        default=100,
        metavar="N",
        help="draw N samples, 1 to 1000000; a picture has at most 10000 (default: 100)",
    )
    sample.add_argument(
        "--seed", type=seed, default=0, help="set the seed of the noise z (default: 0)"
    )
    sample.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write the samples to this .png or .npy file (default: RUN/sample-SEED.png; for "
        "mnist: mnist-sample-SEED.png; with --class: sample-SEED-class-NAME.png)",
    )
    sample.add_argument(
        "--class",
        dest="only",
        metavar="NAME",
        help="draw only this class of a conditional run or G, for example 7 (default: all classes "
        "equally often, in a picture one row per class)",
    )
    add_checkpoint(sample, "last")
    add_device(sample, "cpu")
    add_debug(sample)


def run(options: Any) -> int:
    """Draw the samples and print the path of the file; returns the exit status."""
    from minigan.training import sampling
    from minigan.training.runs import pretrained

    name = f"sample-{options.seed}"
    if options.only is not None:
        sampling.class_number(options.run, options.only)  # only a known name is part of a path
        name += f"-class-{options.only}"
    out = options.out or pretrained.output_path(options.run, f"{name}.png")
    print(
        sampling.sample(
            options.run,
            options.count,
            options.seed,
            out,
            options.checkpoint,
            options.device or "cpu",
            options.only,
        )
    )
    return 0
