"""`minigan reproduce table2`: measure a number for each cell of Table 2."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from minigan.cli.arguments import Parser, path, seed
from minigan.cli.reproduce.options import add_choices, add_quiet


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    from minigan.reports.table2.names import COLUMNS, ROWS

    table2 = actions.add_parser(
        "table2",
        help="measure a number for each cell of Table 2 and print the table",
        description="Table 2 of the paper names the difficulties of four kinds of models. Measure "
        "a number for each of its 20 cells, with small models of digits and points, print the "
        "table, and write one record, OUT/table2.json. Cells that it has are not measured again. "
        "All cells take about 100 seconds on one core.",
    )
    for option, names, what in (("--rows", ROWS, "rows"), ("--columns", COLUMNS, "columns")):
        help_text = f"measure the cells of these {what} (default: all: {', '.join(names)})"
        add_choices(table2, option, names, "NAME", help_text)
    table2.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="SEED",
        help="set the seed of all random numbers (default: 0)",
    )
    table2.add_argument(
        "--out",
        type=path,
        default=Path("runs/table2"),
        metavar="DIR",
        help="write the record to this folder (default: runs/table2)",
    )
    add_quiet(table2)


def run(options: Any) -> int:
    """Measure the cells, and print the table and the path of the record."""
    from minigan.reports.table2.reproduce import RecordNotWrittenError, record_in, table2

    asked = options.rows, options.columns, options.seed
    try:
        print(table2(*asked, options.out, options.quiet))
    except RecordNotWrittenError as error:
        print(error.table)
        raise
    print(f"\nrecord: {record_in(options.out)}, seed {options.seed}")
    return 0
