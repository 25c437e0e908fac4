"""`minigan reproduce model`: export the best G of a run."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_debug, path


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    model = actions.add_parser(
        "model",
        help="export the best G of a run",
        description="Export the G of the best checkpoint of a run, in float16, to a new folder of "
        "a few megabytes. minigan sample, parzen and figure accept it as a run folder.",
    )
    model.add_argument("run", type=path, metavar="RUN", help="export the G of this run folder")
    model.add_argument(
        "--out", type=path, required=True, metavar="DIR", help="write G to this new folder"
    )
    add_debug(model)


def run(options: Any) -> int:
    """Export G and print the new folder."""
    from minigan.reports.table1 import export

    export.export(options.run, options.out)
    print(options.out)
    return 0
