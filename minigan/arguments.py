"""What can be said on the command line: every subcommand with its arguments and its help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from minigan import __version__


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is; exit with status 2."""
        self.exit(2, f"minigan: {message} (see {self.prog} --help)\n")


def parser() -> Parser:
    """The parser of the whole command line; `command` is the subcommand's name."""
    parser = Parser(
        prog="minigan",
        description="Generative Adversarial Nets (2014), executable: train, sample, and check "
        "every gradient and theorem.",
        epilog="Exit status: 0 done, 1 a check failed or training stopped, 2 wrong input, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"minigan {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    _add_train(commands)
    _add_sample(commands)
    _add_gradcheck(commands)
    _add_theory(commands)
    commands.add_parser(
        "info",
        help="show versions, BLAS, threads, devices and recipes",
        description="Show what a run's numbers depend on, and what is missing on this machine.",
    )
    return parser


def _add_train(commands: argparse._SubParsersAction[Parser]) -> None:
    train = commands.add_parser(
        "train",
        help="train a GAN by a recipe (default: digits, in under a minute)",
        description="Play a recipe's game and leave a run folder: resolved recipe, environment, "
        "log.jsonl, sample sheets (PNG) and checkpoint. Ctrl-C finishes the iteration and saves.",
    )
    train.add_argument(
        "recipe", nargs="?", default="digits", help="name or .toml file (default: digits)"
    )
    train.add_argument("--out", type=Path, help="a new run folder (default: runs/RECIPE-NUMBER)")
    train.add_argument("--seed", type=_seed, default=1, help="of every draw (default: 1)")
    train.add_argument("--iterations", type=_count, help="instead of the recipe's number")
    _add_device(train)
    train.add_argument("--quiet", action="store_true", help="show no progress")


def _add_sample(commands: argparse._SubParsersAction[Parser]) -> None:
    sample = commands.add_parser(
        "sample",
        help="draw samples from a trained G",
        description="Draw G(z) from the checkpoint of a run folder, as a sample sheet (.png) or "
        "as an array (count, pixels) of float32 in [0, 1] (.npy).",
    )
    sample.add_argument("run", type=Path, help="a run folder that minigan train left")
    sample.add_argument(
        "--count", type=_sample_count, default=100, help="how many, up to a million (default: 100)"
    )
    sample.add_argument("--seed", type=_seed, default=0, help="of the noise z (default: 0)")
    sample.add_argument(
        "--out", type=Path, help="a .png or .npy file (default: RUN/sample-SEED.png)"
    )
    _add_device(sample)


def _add_gradcheck(commands: argparse._SubParsersAction[Parser]) -> None:
    gradcheck = commands.add_parser(
        "gradcheck",
        help="check every gradient of minigan, or those of your own file",
        description="Without FILE: check every layer, objective, the whole D step and the whole G "
        "step, by complex steps in double precision. With FILE: a Python file (it is executed) "
        "with forward(*inputs), backward(dy, *inputs) and example() -> inputs.",
    )
    gradcheck.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a Python file (default: minigan itself)"
    )


def _add_theory(commands: argparse._SubParsersAction[Parser]) -> None:
    theory = commands.add_parser(
        "theory",
        help="print each theorem of the paper as numbers, with its residual",
        description="Evaluate Prop. 1, Eq. 2 to 6, Thm 1 and Prop. 2 on random discrete "
        "densities, and train a D made of minigan's layers until it reaches D*.",
    )
    theory.add_argument("--seed", type=_seed, default=0, help="of the densities (default: 0)")


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")


def _count(text: str) -> int:
    return _whole_number(text, 1, 10**9)


def _sample_count(text: str) -> int:
    return _whole_number(text, 1, 10**6)


def _seed(text: str) -> int:
    return _whole_number(text, 0, 2**64 - 1)


def _whole_number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)
