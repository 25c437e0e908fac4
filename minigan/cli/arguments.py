"""Shared by all commands: the argument parser, common options, and argument types."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from minigan.errors import UserError
from minigan.system.text import printable
from minigan.system.values import closest_name

FAILED, INTERRUPTED = 1, 130  # exit statuses; the others are in minigan.cli


class Parser(argparse.ArgumentParser):
    """An argument parser that reports an error in one line, with the most similar valid input."""

    def error(self, message: str) -> NoReturn:
        """Print the error and the help command; exit with status 2."""
        self.exit(2, f"minigan: {printable(message)} (see {self.prog} --help)\n")

    def parse_known_args(  # type: ignore[override]  # the overloads of argparse
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse arguments; the first one that is not known is an error of this command."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"there is no argument {unknown[0]}{self._meant(unknown[0])}")
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action, f"there is no {value!r}; {closest_name(str(value), choices)}"
            )

    def _meant(self, word: str) -> str:
        """The option that an unknown argument stands for: 100 may be --iterations 100."""
        if word.startswith("-"):
            option = word.partition("=")[0]
            near = difflib.get_close_matches(option, self._option_string_actions, n=1, cutoff=0.7)
            return f"; did you mean {near[0]}?" if near else ""
        numbers = [one for one in self._actions if one.type in (count_type, sample_count)]
        if numbers and word.isdigit():
            return f"; did you mean {numbers[0].option_strings[0]} {word}?"
        return ""


def add_data_dir(parser: argparse.ArgumentParser, description: str) -> None:
    """Add --data-dir DIR, the folder of a data set."""
    parser.add_argument("--data-dir", type=path, metavar="DIR", help=description)


def add_checkpoint(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add --checkpoint WHICH. With the default None, run() can tell whether it was given."""
    parser.add_argument(
        "--checkpoint",
        default=default,
        metavar="WHICH",
        help="use this checkpoint: last, best, or the iteration of a kept checkpoint "
        "(default: last)",
    )


def add_debug(parser: argparse.ArgumentParser) -> None:
    """Add --debug."""
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def add_device(
    parser: argparse.ArgumentParser, default: str = "cpu, or that of the resumed run"
) -> None:
    """Add --device DEVICE."""
    parser.add_argument(
        "--device",
        metavar="DEVICE",
        help=f"compute on this device: cpu, cuda or cuda:1 (default: {default})",
    )


def path(text: str) -> Path:
    """A path; an empty one is an error."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def count_type(text: str) -> int:
    """A number of iterations, 1 to 10^9."""
    return _whole_number(text, 1, 10**9)


def sample_count(text: str) -> int:
    """A number of samples, 1 to 10^6."""
    return _whole_number(text, 1, 10**6)


def D_steps(text: str) -> int:
    """A number of D steps per iteration, 1 to 100."""
    return _whole_number(text, 1, 100)


def threads(text: str) -> int:
    """A number of threads, 0 to 1024; 0: the default of the BLAS."""
    return _whole_number(text, 0, 1024)


def jobs(text: str) -> int:
    """A number of runs side by side, 1 to 1024."""
    return _whole_number(text, 1, 1024)


def seed(text: str) -> int:
    """A seed, 0 to 2^64 - 1."""
    return _whole_number(text, 0, 2**64 - 1)


def _whole_number(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return int(text)


def refuse_with_pictures(options: Any, names: Sequence[str], pictures: str) -> None:
    """Raises UserError if one of these options, which choose images of a data set, is given."""
    for name in names:
        if getattr(options, name) is not None:
            raise UserError(
                f"--{name.replace('_', '-')} applies to the data set of the run: leave it out "
                f"with {pictures}"
            )
