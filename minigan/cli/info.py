"""`minigan info`: what this machine has, and what is missing."""

from __future__ import annotations

import argparse
import json
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan info`."""
    info = commands.add_parser(
        "info",
        help="show versions, BLAS, threads, devices, recipes and data",
        description="Show what a run's numbers depend on, and what is missing on this machine "
        "with the command that gets it.",
    )
    add_data_dir(info, "look for data here")
    info.add_argument("--json", action="store_true", help="the facts of a run's environment.json")
    add_debug(info)


def run(options: Any) -> int:
    """Print the facts; returns the exit status."""
    from minigan.cli.information import information
    from minigan.system.environment import environment

    print(json.dumps(environment(), indent=2) if options.json else information(options.data_dir))
    return 0
