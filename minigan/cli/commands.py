"""The table of all commands. Each command is one module with the functions `add` and `run`."""

from __future__ import annotations

import argparse
from typing import Any, Protocol

from minigan import __version__
from minigan.cli import (
    bench,
    complete,
    completion,
    data,
    figure,
    gradcheck,
    infer,
    info,
    labels,
    parzen,
    quality,
    report,
    reproduce,
    sample,
    theory,
    train,
)
from minigan.cli.arguments import Parser


class Command(Protocol):
    """The functions of a command's module."""

    def add(self, commands: argparse._SubParsersAction[Parser]) -> None:
        """Add the parser of the command: help, description and arguments."""

    def run(self, options: Any) -> int:
        """Run the command; returns the exit status."""


COMMANDS: dict[str, Command] = {
    "train": train,
    "sample": sample,
    "infer": infer,
    "complete": complete,
    "labels": labels,
    "parzen": parzen,
    "quality": quality,
    "figure": figure,
    "report": report,
    "reproduce": reproduce,
    "data": data,
    "gradcheck": gradcheck,
    "theory": theory,
    "bench": bench,
    "info": info,
    "completion": completion,
}


def parser() -> Parser:
    """The parser of the whole command line. Its result has the name of the command in `command`.

    `parser` is this parser, which minigan completion describes to a shell.
    """
    parser = Parser(
        prog="minigan",
        description='Run the paper "Generative Adversarial Nets" (2014): train GANs, draw samples, '
        "and check every gradient and every theorem.",
        epilog="minigan COMMAND --help explains a command. Exit status: 0 success, 1 a check "
        "failed or training stopped, 2 invalid input, 130 interrupted.",
    )
    parser.set_defaults(debug=False, parser=parser)
    parser.add_argument(
        "--version", action="version", version=f"minigan {__version__}", help="print the version"
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for command in COMMANDS.values():
        command.add(commands)
    return parser
