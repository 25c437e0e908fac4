"""`minigan info`: show versions, devices, recipes and data sets of this machine."""

from __future__ import annotations

import argparse
import json
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan info`."""
    info = commands.add_parser(
        "info",
        help="show versions, BLAS, threads, devices, recipes and data sets",
        description="Show everything that may influence the numbers of a run: versions, BLAS, "
        "threads and processor. Show also the devices, the recipes and the data sets, and for each "
        "missing one the command that installs or downloads it.",
    )
    add_data_dir(info, "search for data sets in this folder (default: see minigan data --help)")
    info.add_argument(
        "--json",
        action="store_true",
        help="print only the environment as JSON, as in environment.json of a run",
    )
    add_debug(info)


def run(options: Any) -> int:
    """Print the facts; returns the exit status."""
    from minigan.cli.information import information
    from minigan.system.environment import environment

    print(json.dumps(environment(), indent=2) if options.json else information(options.data_dir))
    return 0
