"""The command line: each subcommand reads its arguments, calls one public function, prints.

Exit status: 0 done; 1 a check failed or training stopped; 2 the input cannot be used; 130
interrupted; 141 nobody reads the output. A wrong input gets one sentence on standard error, no
traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from minigan import __version__
from minigan.errors import UserError

FAILED, WRONG_INPUT, INTERRUPTED, UNREAD = 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status. Wrong usage exits with 2."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
        sys.stdout.flush()
    except UserError as error:
        return _complain(str(error), WRONG_INPUT)
    except BrokenPipeError:
        return _fall_silent()
    except OSError as error:
        reason, name = error.strerror or error, error.filename or "a file"
        return _complain(f"the system refused {name}: {reason}", WRONG_INPUT)
    except MemoryError:
        return _complain(
            "there is not enough memory: ask for fewer samples or smaller networks", WRONG_INPUT
        )
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    return status


def _complain(sentence: str, status: int) -> int:
    print(f"minigan: {sentence}", file=sys.stderr)
    return status


def _fall_silent() -> int:
    """The reader of a pipe, such as `head`, has left: Python must not write to it at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return UNREAD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="minigan",
        description="Generative Adversarial Nets (2014), executable: train, sample, and check "
        "every gradient and theorem.",
        epilog="Exit status: 0 done, 1 a check failed or training stopped, 2 wrong input, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"minigan {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_train(commands)
    _add_sample(commands)
    _add_gradcheck(commands)
    _add_theory(commands)
    info = commands.add_parser(
        "info",
        help="show versions, BLAS, threads, devices and recipes",
        description="Show what a run's numbers depend on, and what is missing on this machine.",
    )
    info.set_defaults(command=_info)
    return parser


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
    train.set_defaults(command=_train)


def _add_sample(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
    sample.set_defaults(command=_sample)


def _add_gradcheck(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
    gradcheck.set_defaults(command=_gradcheck)


def _add_theory(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    theory = commands.add_parser(
        "theory",
        help="print each theorem of the paper as numbers, with its residual",
        description="Evaluate Prop. 1, Eq. 2 to 6, Thm 1 and Prop. 2 on random discrete "
        "densities, and train a D made of minigan's layers until it reaches D*.",
    )
    theory.add_argument("--seed", type=_seed, default=0, help="of the densities (default: 0)")
    theory.set_defaults(command=_theory)


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


def _train(options: argparse.Namespace) -> int:
    from minigan import recipe, training

    chosen = recipe.load(options.recipe)
    if options.iterations is not None:
        chosen = replace(chosen, training=replace(chosen.training, iterations=options.iterations))
    try:
        outcome = training.train(chosen, options.seed, options.device, options.out, options.quiet)
    except training.TrainingStopped as error:
        return _complain(str(error), FAILED)
    print(f"{outcome.iterations} iterations in {outcome.seconds:.1f} s")
    print(outcome.judgement)
    print(f"samples     {outcome.run.path / 'samples.png'}")
    print(f"checkpoint  {outcome.run.path / 'checkpoint.npz'}")
    return INTERRUPTED if outcome.interrupted else 0


def _sample(options: argparse.Namespace) -> int:
    from minigan import training

    out = options.out or options.run / f"sample-{options.seed}.png"
    print(training.sample(options.run, options.count, options.seed, out, options.device))
    return 0


def _gradcheck(options: argparse.Namespace) -> int:
    from minigan import gradcheck, proofs

    if options.file is None:
        report = proofs.check_all()
    else:
        try:
            report = gradcheck.check_file(options.file)
        except gradcheck.GradcheckInputError as error:
            raise UserError(str(error)) from None
    print(report)
    return 0 if report.passed else FAILED


def _theory(options: argparse.Namespace) -> int:
    from minigan import demonstration

    table, passed = demonstration.theory(options.seed)
    print(table)
    return 0 if passed else FAILED


def _info(options: argparse.Namespace) -> int:
    from minigan.environment import information

    print(information())
    return 0
