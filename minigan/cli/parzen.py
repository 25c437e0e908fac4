"""`minigan parzen`: compute the log-likelihood of the samples of a run, or of a file."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from minigan.data.sets import DataSet
    from minigan.reports.likelihood import Source


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan parzen`."""
    parzen = commands.add_parser(
        "parzen",
        help="compute the paper's log-likelihood of a run, or of external samples",
        description="Compute the Parzen-window estimate of the log-likelihood of the test images, "
        "in nats, by the protocol of the paper: 10,000 samples, and sigma selected on 1,000 "
        "validation images. Print it with its standard error, with the scores of baselines that "
        "are not models, and with a warning where the value is not comparable with the paper.",
    )
    parzen.add_argument(
        "run",
        nargs="?",
        type=path,
        metavar="RUN",
        help="score this run folder, or a pretrained G: mnist, mnist-conditional",
    )
    parzen.add_argument(
        "--samples",
        type=path,
        metavar="FILE",
        help="score these samples instead of a run: a .npy or .npz file with pixels in [0, 1] or "
        "bytes (divided by 255), or a folder of images of the same size",
    )
    parzen.add_argument(
        "--data",
        choices=["digits", "faces", *CATALOGUE, "tfd"],
        help="with --samples: use the test images of this data set (default: mnist)",
    )
    add_data_dir(parzen, "load the data set from this folder (default: the folder of the run)")
    add_checkpoint(parzen)
    parzen.add_argument(
        "--count",
        type=sample_count,
        metavar="N",
        help="draw N samples from the run, 1 to 1000000 (default: 10000)",
    )
    parzen.add_argument("--seed", type=seed, help="set the seed of the noise z (default: 0)")
    parzen.add_argument(
        "--refine",
        action="store_true",
        help="also print the score with sigma selected on a finer grid",
    )
    parzen.add_argument(
        "--folds",
        action="store_true",
        help="score a run on the Toronto Face Database as the paper does: on five folds, each with "
        "its own sigma, with the paper's grid and a wider one",
    )
    parzen.add_argument("--alone", action="store_true", help="do not compute the baselines")
    parzen.add_argument(
        "--plot",
        type=path,
        metavar="FILE",
        help="also plot the score by sigma and by the number of samples to this .png, .svg or .pdf "
        "file",
    )
    parzen.add_argument("--json", action="store_true", help="print the result as JSON, in nats")
    parzen.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(parzen)


def run(options: Any) -> int:
    """Print the score; returns the exit status."""
    from minigan.data import sets
    from minigan.reports import likelihood
    from minigan.reports.figures import likelihoods, plots
    from minigan.reports.run_data import data_of_run

    if (options.run is None) == (options.samples is None):
        raise UserError("give either a run folder or --samples FILE")
    if options.plot:
        plots.require_matplotlib(options.plot)
    if options.samples:
        for name in ("checkpoint", "count", "seed"):
            if getattr(options, name) is not None:
                raise UserError(f"--{name} applies to a run only: leave it out with --samples")
        if not options.samples.exists():  # said before the data set is searched for
            raise UserError(f"cannot read the samples in {options.samples}: it does not exist")
        data = sets.load(options.data or "mnist", options.data_dir)
        source = likelihood.of_file(options.samples, data)
    else:
        if options.data:
            raise UserError(
                "--data needs --samples: leave it out, because a run is scored on its own data set"
            )
        data = data_of_run(options.run, options.data_dir)
        count = 10_000 if options.count is None else options.count
        which = "last" if options.checkpoint is None else options.checkpoint
        source = likelihood.of_run(options.run, which, count, options.seed or 0)
    if options.folds:
        return _print_folds(options, source, data)
    found = likelihood.estimate(source, data, options.refine, not options.alone, options.quiet)
    print(json.dumps(found.to_json()) if options.json else found, flush=True)
    if options.plot:
        likelihoods.write(
            options.plot, source.samples, data, found.score, found.refined, found.baselines
        )
    return 0


def _print_folds(options: Any, source: Source, data: DataSet) -> int:
    """Print the scores of the five folds; returns the exit status."""
    from minigan.data import tfd
    from minigan.reports.folds import score_folds
    from minigan.training.runs.directory import RunDirectory
    from minigan.training.runs.facts import source_of

    if data.name != "tfd":
        raise UserError(f"--folds needs the folds of data.set = 'tfd', not {data.name!r}")
    for name in ("refine", "alone", "plot"):
        if getattr(options, name):
            raise UserError(f"--{name} is for one split: leave it out with --folds")
    folder = options.data_dir
    if options.run and folder is None:
        folder = source_of(RunDirectory.open(options.run).read_environment()["data"])
    found = score_folds(source, tfd.database(folder), options.quiet)
    print(json.dumps(found.to_json()) if options.json else found, flush=True)
    return 0
