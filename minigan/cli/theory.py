"""`minigan theory`: every theorem as numbers."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, seed


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan theory`."""
    theory = commands.add_parser(
        "theory",
        help="print each theorem of the paper as numbers, with its residual",
        description="Evaluate Prop. 1, Eq. 2 to 6, Thm 1 and Prop. 2 on random discrete "
        "densities, and train a D made of minigan's layers until it reaches D*.",
    )
    theory.add_argument("--seed", type=seed, default=0, help="of the densities (default: 0)")
    add_debug(theory)


def run(options: Any) -> int:
    """Print the table; returns the exit status."""
    from minigan.theory import demonstration

    table, passed = demonstration.theory(options.seed)
    print(table)
    return 0 if passed else FAILED
