"""The subcommands of minigan, each with its words and what it does in a file of its own."""

from __future__ import annotations

import argparse
from typing import Any, Protocol

from minigan import __version__
from minigan.cli import (
    bench,
    data,
    figure,
    gradcheck,
    info,
    parzen,
    report,
    reproduce,
    sample,
    theory,
    train,
)
from minigan.cli.arguments import Parser


class Command(Protocol):
    """What the module of a subcommand has."""

    def add(self, commands: argparse._SubParsersAction[Parser]) -> None:
        """Its parser: help, description and arguments."""

    def run(self, options: Any) -> int:
        """What it does; returns the exit status."""


COMMANDS: dict[str, Command] = {
    "train": train,
    "sample": sample,
    "parzen": parzen,
    "figure": figure,
    "report": report,
    "reproduce": reproduce,
    "data": data,
    "gradcheck": gradcheck,
    "theory": theory,
    "bench": bench,
    "info": info,
}


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
    for command in COMMANDS.values():
        command.add(commands)
    return parser
