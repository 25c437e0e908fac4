"""`minigan gradcheck`: check the gradients of minigan, or of a Python file."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, path


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan gradcheck`."""
    gradcheck = commands.add_parser(
        "gradcheck",
        help="check every gradient of minigan, or of your own Python file",
        description="Check gradients by the complex step in double precision. Without FILE, check "
        "every layer, every objective, the D step and the G step of minigan. With FILE, execute "
        "this Python file and check its functions: forward(*inputs), backward(dy, *inputs), and "
        "example(), which returns the inputs. The exit status is 1 if a gradient is wrong.",
    )
    gradcheck.add_argument(
        "file",
        nargs="?",
        type=path,
        metavar="FILE",
        help="check the functions of this Python file (default: check minigan)",
    )
    add_debug(gradcheck)


def run(options: Any) -> int:
    """Print the report; returns the exit status."""
    from minigan import gradcheck, selfcheck

    report = gradcheck.check_file(options.file) if options.file else selfcheck.check_all()
    print(report)
    return 0 if report.passed else FAILED
