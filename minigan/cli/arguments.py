"""What can be said on the command line: every subcommand with its arguments and its help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from minigan import __version__
from minigan.data.published import PUBLISHED


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
    parser.set_defaults(debug=False)
    parser.add_argument("--version", action="version", version=f"minigan {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    _add_train(commands)
    _add_sample(commands)
    _add_parzen(commands)
    _add_data(commands)
    _add_gradcheck(commands)
    _add_theory(commands)
    _add_bench(commands)
    _add_info(commands)
    return parser


def _add_train(commands: argparse._SubParsersAction[Parser]) -> None:
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
    train.add_argument("--out", type=_path, help="a new run folder (default: runs/RECIPE-NUMBER)")
    train.add_argument("--seed", type=_seed, help="of every draw (default: 1)")
    train.add_argument("--iterations", type=_count, help="instead of the recipe's number")
    train.add_argument(
        "--resume",
        type=_path,
        metavar="RUN",
        help="go on with a run folder from its last checkpoint, as if it had never stopped",
    )
    _add_data_dir(train, "where MNIST or Fashion-MNIST is, or a folder of your own pictures")
    _add_device(train)
    train.add_argument("--quiet", action="store_true", help="show no progress")
    train.add_argument(
        "--json", action="store_true", help="tell each event as a line of JSON on standard output"
    )
    train.add_argument("--csv", action="store_true", help="also write the log as log.csv")
    train.add_argument(
        "--tensorboard", action="store_true", help="also write the log for TensorBoard"
    )
    _add_debug(train)


def _add_sample(commands: argparse._SubParsersAction[Parser]) -> None:
    sample = commands.add_parser(
        "sample",
        help="draw samples from a trained G",
        description="Draw G(z) from the checkpoint of a run folder, as a sample sheet (.png) or "
        "as an array (count, pixels) of float32 in [0, 1] (.npy).",
    )
    sample.add_argument("run", type=_path, help="a run folder that minigan train left")
    sample.add_argument(
        "--count", type=_sample_count, default=100, help="how many, up to a million (default: 100)"
    )
    sample.add_argument("--seed", type=_seed, default=0, help="of the noise z (default: 0)")
    sample.add_argument(
        "--out", type=_path, help="a .png or .npy file (default: RUN/sample-SEED.png)"
    )
    sample.add_argument(
        "--checkpoint",
        default="last",
        metavar="WHICH",
        help="last, best, or an iteration whose checkpoint was kept (default: last)",
    )
    _add_device(sample)
    _add_debug(sample)


def _add_parzen(commands: argparse._SubParsersAction[Parser]) -> None:
    parzen = commands.add_parser(
        "parzen",
        help="score a run, or anybody's samples, by the paper's log-likelihood",
        description="The Parzen-window log-likelihood of the test images, by the paper's protocol: "
        "10,000 samples; sigma by 1,000 validation images. Told with its error, the scores of "
        "things that are no model at all, and a warning wherever it means something else.",
    )
    parzen.add_argument("run", nargs="?", type=_path, help="a run folder that minigan train left")
    parzen.add_argument(
        "--samples",
        type=_path,
        metavar="FILE",
        help="instead of a run: anybody's samples, as a .npy or .npz file with pixels in [0, 1] "
        "(bytes are divided by 255), or a folder of pictures",
    )
    parzen.add_argument(
        "--data",
        choices=["digits", *PUBLISHED],
        help="with --samples: the images to score (default: mnist)",
    )
    _add_data_dir(parzen, "where the data set is (default: where the run had it from)")
    parzen.add_argument(
        "--checkpoint",
        metavar="WHICH",
        help="last, best, or an iteration whose checkpoint was kept (default: last)",
    )
    parzen.add_argument("--count", type=_sample_count, help="samples of a run (default: 10000)")
    parzen.add_argument("--seed", type=_seed, help="of the noise z (default: 0)")
    parzen.add_argument(
        "--refine", action="store_true", help="also the score with sigma from a finer grid"
    )
    parzen.add_argument(
        "--alone", action="store_true", help="leave out the scores that it is held against"
    )
    parzen.add_argument("--json", action="store_true", help="the answer as JSON, in nats")
    parzen.add_argument("--quiet", action="store_true", help="show no progress")
    _add_debug(parzen)


def _add_data(commands: argparse._SubParsersAction[Parser]) -> None:
    data = commands.add_parser(
        "data",
        help="find or download MNIST and Fashion-MNIST",
        description="Published data sets on this machine. They are looked for in --data-dir DIR; "
        "else in the folder that the variable MINIGAN_DATA names and in the user's cache.",
    )
    actions = data.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="list or fetch"
    )
    listing = actions.add_parser(
        "list",
        help="show which data sets are here, and where",
        description="Show which data sets are here, and the command for those that are not.",
    )
    _add_data_dir(listing, "look here")
    _add_debug(listing)
    fetch = actions.add_parser(
        "fetch",
        help="download a data set from its mirrors",
        description="Download the four files of a data set from several mirrors in turn. Each is "
        "checked against the published checksum before it gets its name; files that are "
        "there already are left alone.",
    )
    fetch.add_argument("name", choices=list(PUBLISHED), help=" or ".join(PUBLISHED))
    _add_data_dir(fetch, "put it there (default: MINIGAN_DATA, or the user's cache)")
    fetch.add_argument("--quiet", action="store_true", help="show no progress")
    _add_debug(fetch)


def _add_gradcheck(commands: argparse._SubParsersAction[Parser]) -> None:
    gradcheck = commands.add_parser(
        "gradcheck",
        help="check every gradient of minigan, or those of your own file",
        description="Without FILE: check every layer, objective, the whole D step and the whole G "
        "step, by complex steps in double precision. With FILE: a Python file (it is executed) "
        "with forward(*inputs), backward(dy, *inputs) and example() -> inputs.",
    )
    gradcheck.add_argument(
        "file",
        nargs="?",
        type=_path,
        metavar="FILE",
        help="your file (default: minigan itself)",
    )
    _add_debug(gradcheck)


def _add_theory(commands: argparse._SubParsersAction[Parser]) -> None:
    theory = commands.add_parser(
        "theory",
        help="print each theorem of the paper as numbers, with its residual",
        description="Evaluate Prop. 1, Eq. 2 to 6, Thm 1 and Prop. 2 on random discrete "
        "densities, and train a D made of minigan's layers until it reaches D*.",
    )
    theory.add_argument("--seed", type=_seed, default=0, help="of the densities (default: 0)")
    _add_debug(theory)


def _add_bench(commands: argparse._SubParsersAction[Parser]) -> None:
    bench = commands.add_parser(
        "bench",
        help="measure this machine: iterations and layers beside the limit",
        description="Measure how fast minigan is on this machine, beside the limit: the bare "
        "matrix products of an iteration and one pass over the parameters. Results are verified "
        "before they are timed. Close other programs first; the report is Markdown.",
    )
    bench.add_argument("--quick", action="store_true", help="tiny sizes: only to see that it works")
    bench.add_argument(
        "--only",
        type=lambda text: text.split(","),
        metavar="TOPICS",
        help="some of layers,iteration,growth,start,parzen (default: all)",
    )
    bench.add_argument("--threads", type=_threads, default=0, help="of the BLAS (default: its own)")
    bench.add_argument("--json", type=_path, metavar="FILE", help="keep the report here too")
    bench.add_argument(
        "--compare", type=_path, metavar="OLD", help="also the ratios to a report that was kept"
    )
    bench.add_argument("--quiet", action="store_true", help="show no progress")
    _add_debug(bench)


def _add_info(commands: argparse._SubParsersAction[Parser]) -> None:
    info = commands.add_parser(
        "info",
        help="show versions, BLAS, threads, devices, recipes and data",
        description="Show what a run's numbers depend on, and what is missing on this machine "
        "with the command that gets it.",
    )
    _add_data_dir(info, "look for data here")
    info.add_argument("--json", action="store_true", help="the facts of a run's environment.json")
    _add_debug(info)


def _add_data_dir(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("--data-dir", type=_path, metavar="DIR", help=words)


def _add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show a traceback where it fails")


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", help="cpu or cuda (default: cpu, or that of the run to resume)")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def _count(text: str) -> int:
    return _whole_number(text, 1, 10**9)


def _sample_count(text: str) -> int:
    return _whole_number(text, 1, 10**6)


def _threads(text: str) -> int:
    return _whole_number(text, 0, 1024)


def _seed(text: str) -> int:
    return _whole_number(text, 0, 2**64 - 1)


def _whole_number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)
