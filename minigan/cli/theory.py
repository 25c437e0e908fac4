"""`minigan theory`: check every theorem of the paper with numbers."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, seed


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan theory`."""
    theory = commands.add_parser(
        "theory",
        help="check every theorem of the paper with numbers",
        description="Check the theory of the paper with numbers and print the residual of each "
        "statement. Evaluate Prop. 1, Eq. 2 to 6, Thm 1 and Prop. 2 on random discrete densities, "
        "and train a D made of minigan's layers until it is close to D*. Of later papers, check "
        "G's maximum-likelihood objective and the Wasserstein-1 distance W1, and train a critic "
        "until it measures W1. The exit status is 1 if a residual is too large.",
    )
    theory.add_argument(
        "--seed", type=seed, default=0, help="set the seed of the random densities (default: 0)"
    )
    add_debug(theory)


def run(options: Any) -> int:
    """Print the table; returns the exit status."""
    from minigan.theory import demonstration

    table, passed = demonstration.theory(options.seed)
    print(table)
    return 0 if passed else FAILED
