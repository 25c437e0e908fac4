"""`minigan train`: start or resume a run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import (
    INTERRUPTED,
    Parser,
    add_data_dir,
    add_debug,
    add_device,
    count_type,
    path,
    seed,
)
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.training.trainer import TrainingResult

NOT_BEGUN = "training had not begun, and nothing was saved"


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan train`."""
    train = commands.add_parser(
        "train",
        help="train a GAN by a recipe (default: digits, which takes less than a minute)",
        description="Train a GAN by a recipe and write a run folder. The recipes digits-dbn, "
        "digits-cae and digits-gsn train a DBN, a stacked CAE and a GSN. The folder has the "
        "recipe, the environment, the log (log.jsonl), checkpoints, sample sheets and an animation "
        "of them (PNG). Ctrl-C stops after the current iteration and saves; --resume continues.",
    )
    train.add_argument(
        "recipe",
        nargs="?",
        metavar="RECIPE",
        help="train this recipe: a name listed by minigan info, or a .toml file (default: digits)",
    )
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change a setting of the recipe, for example optimizer.rate=0.05; may be repeated",
    )
    train.add_argument(
        "--out",
        type=path,
        metavar="DIR",
        help="write the run to this new folder (default: the first free runs/RECIPE-NUMBER)",
    )
    train.add_argument(
        "--seed", type=seed, help="set the seed of all random numbers, 0 to 2^64 - 1 (default: 1)"
    )
    train.add_argument(
        "--iterations",
        type=count_type,
        metavar="N",
        help="train until iteration N, 1 to 10^9 (default: the number in the recipe)",
    )
    train.add_argument(
        "--resume",
        type=path,
        metavar="RUN",
        help="resume this run folder from its last checkpoint, with the same results as without a "
        "stop",
    )
    add_data_dir(
        train,
        "load MNIST, Fashion-MNIST, CIFAR-10, TFD or your own images from this folder (default: "
        "see minigan data --help)",
    )
    add_device(train)
    train.add_argument("--quiet", action="store_true", help="show no progress")
    train.add_argument(
        "--json",
        action="store_true",
        help="write each event as one line of JSON to standard output, instead of the summary",
    )
    train.add_argument("--csv", action="store_true", help="also write the log to log.csv")
    train.add_argument(
        "--tensorboard",
        action="store_true",
        help="also write the log as TensorBoard event files (needs tensorboardX)",
    )
    add_debug(train)


def run(options: Any) -> int:
    """Train or resume, and print a summary; returns the exit status."""
    try:
        result = _trained(options)
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(*interrupt.args or (NOT_BEGUN,)) from None
    return _summarised(result, options)


def _trained(options: Any) -> TrainingResult:
    """Train or resume. A Ctrl-C is a KeyboardInterrupt that says what is saved."""
    from minigan.system import mpi
    from minigan.training import recipes, trainer
    from minigan.training.recorder import Reporting

    ranks = mpi.world()
    reporting = Reporting(options.quiet, options.json, options.csv, options.tensorboard)
    if options.resume:
        _check_resume_options(options)
        return trainer.resume(
            options.resume,
            options.iterations,
            options.device,
            options.data_dir,
            reporting,
            ranks=ranks,
        )
    name = "digits" if options.recipe is None else options.recipe
    recipe = recipes.load_any(name, options.set)
    if options.iterations is not None:
        recipe = trainer.with_iterations(recipe, options.iterations)
    return trainer.train(
        recipe,
        1 if options.seed is None else options.seed,
        options.device or "cpu",
        options.out,
        options.data_dir,
        reporting,
        ranks=ranks,
    )


def _summarised(result: TrainingResult, options: Any) -> int:
    """Print the summary of a run that all ranks have ended; returns the exit status."""
    from minigan.system import mpi
    from minigan.system.text import command

    mpi.wait_for_all(mpi.world())
    if not options.json:
        if result.iterations_run:
            prefix = "interrupted after " if result.interrupted else ""
            s = "" if result.iterations == 1 else "s"
            print(f"{prefix}{result.iterations} iteration{s} in {result.seconds:.1f} s")
        else:
            print(
                f"all {result.iterations} iterations are already done: set a larger number with "
                "--iterations"
            )
        if result.quality is not None:
            print(result.quality)
        if result.warning is not None:
            print(f"warning: {result.warning}")
        print(f"samples     {result.run.path / 'samples.png'}")
        print(f"checkpoint  {result.run.path / 'checkpoint.npz'}")
        if result.interrupted:
            print(f"resume      {command('train', '--resume', result.run.path)}")
    if result.events_lost:
        raise UserError(
            f"events are missing: standard output cannot be written: {result.events_lost}; the run "
            f"in {result.run.path} is not affected"
        )
    return INTERRUPTED if result.interrupted else 0


def _check_resume_options(options: Any) -> None:
    fixed = {
        "the recipe": options.recipe is not None,
        "--set": options.set,
        "--seed": options.seed is not None,
        "--out": options.out,
    }
    for name, value in fixed.items():
        if value:
            raise UserError(
                f"a resumed run keeps its recipe, seed and folder: leave out {name} with --resume "
                "(--iterations can be changed)"
            )
