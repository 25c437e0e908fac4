"""`minigan parzen`: the log-likelihood of a run's samples, or of anybody's."""

from __future__ import annotations

import argparse
import json
from typing import Any

from minigan.cli.arguments import (
    Parser,
    add_checkpoint,
    add_data_dir,
    add_debug,
    path,
    sample_count,
    seed,
)
from minigan.data.catalogue import CATALOGUE
from minigan.errors import UserError


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan parzen`."""
    parzen = commands.add_parser(
        "parzen",
        help="score a run, or anybody's samples, by the paper's log-likelihood",
        description="The Parzen-window log-likelihood of the test images, by the paper's protocol: "
        "10,000 samples; sigma by 1,000 validation images. Told with its error, the scores of "
        "things that are no model at all, and a warning wherever it means something else.",
    )
    parzen.add_argument(
        "run",
        nargs="?",
        type=path,
        help="a run folder that minigan train left, or mnist: the G that comes along",
    )
    parzen.add_argument(
        "--samples",
        type=path,
        metavar="FILE",
        help="instead of a run: anybody's samples, as a .npy or .npz file with pixels in [0, 1] "
        "(bytes are divided by 255), or a folder of pictures",
    )
    parzen.add_argument(
        "--data",
        choices=["digits", *CATALOGUE],
        help="with --samples: the images to score (default: mnist)",
    )
    add_data_dir(parzen, "where the data set is (default: where the run had it from)")
    add_checkpoint(parzen)
    parzen.add_argument("--count", type=sample_count, help="samples of a run (default: 10000)")
    parzen.add_argument("--seed", type=seed, help="of the noise z (default: 0)")
    parzen.add_argument(
        "--refine", action="store_true", help="also the score with sigma from a finer grid"
    )
    parzen.add_argument(
        "--alone", action="store_true", help="leave out the scores that it is held against"
    )
    parzen.add_argument(
        "--plot",
        type=path,
        metavar="FILE",
        help="also plot it against sigma and the number of samples: a .png, .svg or .pdf file",
    )
    parzen.add_argument("--json", action="store_true", help="the answer as JSON, in nats")
    parzen.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(parzen)


def run(options: Any) -> int:
    """Print the score; returns the exit status."""
    from minigan.data import sets
    from minigan.reports import likelihood
    from minigan.reports.figures import likelihoods, plots

    if (options.run is None) == (options.samples is None):
        raise UserError("give a run folder, or --samples FILE for anybody's samples")
    if options.plot:
        plots.require_matplotlib(options.plot)
    if options.samples:
        for name in ("checkpoint", "count", "seed"):
            if getattr(options, name) is not None:
                raise UserError(f"--{name} is for a run's samples: leave it out with --samples")
        data = sets.load(options.data or "mnist", options.data_dir)
        source = likelihood.of_file(options.samples, data)
    else:
        if options.data:
            raise UserError("--data goes with --samples: a run is scored on its own data set")
        data = likelihood.data_of_run(options.run, options.data_dir)
        count = 10_000 if options.count is None else options.count
        which = "last" if options.checkpoint is None else options.checkpoint
        source = likelihood.of_run(options.run, which, count, options.seed or 0)
    found = likelihood.estimate(source, data, options.refine, not options.alone, options.quiet)
    print(json.dumps(found.to_json()) if options.json else found, flush=True)
    if options.plot:
        likelihoods.write(
            options.plot, source.samples, data, found.score, found.refined, found.baselines
        )
    return 0
