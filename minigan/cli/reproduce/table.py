"""`minigan reproduce table`: print a table of records."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_debug, path


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    table = actions.add_parser(
        "table",
        help="print a table of records",
        description="Print all records of a folder as a table in Markdown.",
    )
    table.add_argument("folder", type=path, metavar="DIR", help="read the records of this folder")
    add_debug(table)


def run(options: Any) -> int:
    """Print the table of the records."""
    from minigan.reports.table1 import record, table

    print(table.table_of_runs(record.read_all(options.folder)))
    return 0
