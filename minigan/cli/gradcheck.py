"""`minigan gradcheck`: minigan's gradients, or those of a file."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, path


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan gradcheck`."""
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
        type=path,
        metavar="FILE",
        help="your file (default: minigan itself)",
    )
    add_debug(gradcheck)


def run(options: Any) -> int:
    """Print the report; returns the exit status."""
    from minigan import gradcheck, selfcheck

    report = gradcheck.check_file(options.file) if options.file else selfcheck.check_all()
    print(report)
    return 0 if report.passed else FAILED
