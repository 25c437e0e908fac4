"""Each subcommand calls one public function, prints what it says, and returns the exit status.

What a subcommand needs is imported when it is run, so that `minigan --help` is quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from minigan.errors import UserError

FAILED, INTERRUPTED = 1, 130


def train(options: Any) -> int:
    """`minigan train`: begin a run, or go on with one."""
    from minigan import recipes, training
    from minigan.recorder import Reporting

    reporting = Reporting(options.quiet, options.json, options.csv, options.tensorboard)
    if options.resume:
        _refuse_with_resume(options)
        outcome = training.resume(
            options.resume, options.iterations, options.device, options.data_dir, reporting
        )
    else:
        recipe = recipes.load("digits" if options.recipe is None else options.recipe, options.set)
        if options.iterations is not None:
            length = replace(recipe.training, iterations=options.iterations)
            recipe = replace(recipe, training=length)
        seed = 1 if options.seed is None else options.seed
        outcome = training.train(
            recipe, seed, options.device or "cpu", options.out, options.data_dir, reporting
        )
    if not options.json:
        if outcome.played:
            stopped = "interrupted after " if outcome.interrupted else ""
            print(f"{stopped}{outcome.iterations} iterations in {outcome.seconds:.1f} s")
        else:
            print(
                f"all {outcome.iterations} iterations were done before: --iterations asks for more"
            )
        if outcome.judgement is not None:
            print(outcome.judgement)
        print(f"samples     {outcome.run.path / 'samples.png'}")
        print(f"checkpoint  {outcome.run.path / 'checkpoint.npz'}")
        if outcome.interrupted:
            print(f"to go on    minigan train --resume {outcome.run.path}")
    return INTERRUPTED if outcome.interrupted else 0


def _refuse_with_resume(options: Any) -> None:
    given = {
        "a recipe": options.recipe is not None,
        "--set": options.set,
        "--seed": options.seed is not None,
        "--out": options.out,
    }
    for name, value in given.items():
        if value:
            raise UserError(
                f"--resume goes on with what {options.resume} was begun with, and takes {name} "
                "from there: leave it out (--iterations can be changed)"
            )


def sample(options: Any) -> int:
    """`minigan sample`: samples of a trained G."""
    from minigan import sampling

    out = options.out or options.run / f"sample-{options.seed}.png"
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


def parzen(options: Any) -> int:
    """`minigan parzen`: the log-likelihood of a run's samples, or of anybody's."""
    from minigan import likelihood
    from minigan.data import sets

    if (options.run is None) == (options.samples is None):
        raise UserError("give a run folder, or --samples FILE for anybody's samples")
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
    print(json.dumps(found.to_json()) if options.json else found)
    return 0


def data(options: Any) -> int:
    """`minigan data`: what is there, and the download of what is not."""
    from minigan.data import download, places
    from minigan.data.published import PUBLISHED

    if options.action == "list":
        for published in PUBLISHED.values():
            print(f"{published.title}, {published.licence}")
            print(f"    {places.found(published, options.data_dir)}")
        return 0
    published = PUBLISHED[options.name]
    folder = places.find(published, options.data_dir)
    if folder is None or not download.is_whole(published, folder):
        folder = places.home(published, options.data_dir)
        download.fetch(published, folder, options.quiet)
    print(f"{published.name} is in {folder}, whole")
    return 0


def gradcheck(options: Any) -> int:
    """`minigan gradcheck`: minigan's gradients, or those of a file."""
    from minigan import gradcheck, proofs

    report = gradcheck.check_file(options.file) if options.file else proofs.check_all()
    print(report)
    return 0 if report.passed else FAILED


def theory(options: Any) -> int:
    """`minigan theory`: every theorem as numbers."""
    from minigan import demonstration

    table, passed = demonstration.theory(options.seed)
    print(table)
    return 0 if passed else FAILED


def bench(options: Any) -> int:
    """`minigan bench`: how fast this machine is, beside the limit."""
    from minigan import bench
    from minigan.files import read_whole, write_atomically

    old = None
    if options.compare:
        try:
            old = bench.from_json(read_whole(options.compare, 10**8).decode())
        except OSError as error:
            raise UserError(f"{options.compare} cannot be read: {error.strerror}") from None
    what = bench.TOPICS if options.only is None else options.only

    def keep(report: bench.Report) -> None:
        if options.json:
            write_atomically(options.json, report.to_json().encode())

    report = bench.run(what, options.quick, options.threads, quiet=options.quiet, keep=keep)
    print(report.to_markdown())
    if old is not None:
        print(bench.compare(old, report))
    return 0


def info(options: Any) -> int:
    """`minigan info`: what this machine has, and what is missing."""
    from minigan.environment import environment
    from minigan.information import information

    print(json.dumps(environment(), indent=2) if options.json else information(options.data_dir))
    return 0


COMMANDS: dict[str, Callable[[Any], int]] = {
    "train": train,
    "sample": sample,
    "parzen": parzen,
    "data": data,
    "gradcheck": gradcheck,
    "theory": theory,
    "bench": bench,
    "info": info,
}
