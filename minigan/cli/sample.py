"""`minigan sample`: samples of a trained G."""

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
    """The words of `minigan sample`."""
    sample = commands.add_parser(
        "sample",
        help="draw samples from a trained G",
        description="Draw G(z) from the checkpoint of a run folder, as a sample sheet (.png) or "
        "as an array (count, pixels) of float32 in [0, 1] (.npy).",
    )
    sample.add_argument(
        "run",
        type=path,
        help="a run folder that minigan train left, or mnist: the G that comes along",
    )
    sample.add_argument(
        "--count", type=sample_count, default=100, help="how many, up to a million (default: 100)"
    )
    sample.add_argument("--seed", type=seed, default=0, help="of the noise z (default: 0)")
    sample.add_argument(
        "--out",
        type=path,
        help="a .png or .npy file (default: RUN/sample-SEED.png, or mnist-sample-SEED.png)",
    )
    add_checkpoint(sample, "last")
    add_device(sample)
    add_debug(sample)


def run(options: Any) -> int:
    """Draw, and print where; returns the exit status."""
    from minigan.training import sampling
    from minigan.training.runs import pretrained

    out = options.out or pretrained.output_path(options.run, f"sample-{options.seed}.png")
    print(
        sampling.sample(
            options.run,
            options.count,
            options.seed,
            out,
            options.checkpoint,
            options.device or "cpu",
        )
    )
    return 0
