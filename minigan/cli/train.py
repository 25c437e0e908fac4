"""`minigan train`: begin a run, or go on with one."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

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


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan train`."""
    train = commands.add_parser(
        "train",
        help="train a GAN by a recipe (default: digits, in under a minute)",
        description="Play a recipe's game and leave a run folder: resolved recipe, environment, "
        "log.jsonl, sample sheets and an animation (PNG), checkpoints. Ctrl-C finishes the "
        "iteration and saves; --resume goes on.",
    )
    train.add_argument(
        "recipe", nargs="?", help="name or .toml file (default: digits); minigan info lists names"
    )
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change a setting of the recipe, such as optimizer.rate=0.05; may be repeated",
    )
    train.add_argument("--out", type=path, help="a new run folder (default: runs/RECIPE-NUMBER)")
    train.add_argument("--seed", type=seed, help="of every draw (default: 1)")
    train.add_argument("--iterations", type=count_type, help="instead of the recipe's number")
    train.add_argument(
        "--resume",
        type=path,
        metavar="RUN",
        help="go on with a run folder from its last checkpoint, as if it had never stopped",
    )
    add_data_dir(train, "where MNIST or Fashion-MNIST is, or a folder of your own pictures")
    add_device(train)
    train.add_argument("--quiet", action="store_true", help="show no progress")
    train.add_argument(
        "--json", action="store_true", help="tell each event as a line of JSON on standard output"
    )
    train.add_argument("--csv", action="store_true", help="also write the log as log.csv")
    train.add_argument(
        "--tensorboard", action="store_true", help="also write the log for TensorBoard"
    )
    add_debug(train)


def run(options: Any) -> int:
    """Train; returns the exit status."""
    from minigan.training import recipes, trainer
    from minigan.training.recorder import Reporting

    reporting = Reporting(options.quiet, options.json, options.csv, options.tensorboard)
    if options.resume:
        _refuse_with_resume(options)
        outcome = trainer.resume(
            options.resume, options.iterations, options.device, options.data_dir, reporting
        )
    else:
        recipe = recipes.load("digits" if options.recipe is None else options.recipe, options.set)
        if options.iterations is not None:
            length = replace(recipe.training, iterations=options.iterations)
            recipe = replace(recipe, training=length)
        outcome = trainer.train(
            recipe,
            1 if options.seed is None else options.seed,
            options.device or "cpu",
            options.out,
            options.data_dir,
            reporting,
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
        if outcome.warning is not None:
            print(f"warning: {outcome.warning}")
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
