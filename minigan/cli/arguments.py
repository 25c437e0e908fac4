"""What the subcommands' arguments have in common: their kinds, and a complaint of one sentence."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

FAILED, INTERRUPTED = 1, 130  # exit statuses; those of wrong input are in minigan.cli


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is; exit with status 2."""
        self.exit(2, f"minigan: {message} (see {self.prog} --help)\n")


def add_data_dir(parser: argparse.ArgumentParser, words: str) -> None:
    """--data-dir DIR, the folder of a data set."""
    parser.add_argument("--data-dir", type=path, metavar="DIR", help=words)


def add_checkpoint(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """--checkpoint WHICH of a run; None where nothing was said, unless there is a default."""
    parser.add_argument(
        "--checkpoint",
        default=default,
        metavar="WHICH",
        help="last, best, or an iteration whose checkpoint was kept (default: last)",
    )


def add_debug(parser: argparse.ArgumentParser) -> None:
    """--debug."""
    parser.add_argument("--debug", action="store_true", help="show a traceback where it fails")


def add_device(parser: argparse.ArgumentParser) -> None:
    """--device."""
    parser.add_argument(
        "--device", help="cpu, cuda or cuda:1 (default: cpu, or that of the run to resume)"
    )


def path(text: str) -> Path:
    """A path that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def count_type(text: str) -> int:
    """A number of iterations."""
    return _whole_number(text, 1, 10**9)


def sample_count(text: str) -> int:
    """A number of samples that a memory can hold."""
    return _whole_number(text, 1, 10**6)


def threads(text: str) -> int:
    """A number of threads; 0 leaves it to the BLAS."""
    return _whole_number(text, 0, 1024)


def seed(text: str) -> int:
    """A seed of 64 bits."""
    return _whole_number(text, 0, 2**64 - 1)


def _whole_number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)
