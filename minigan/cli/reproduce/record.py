"""`minigan reproduce record`: score a run and write its record."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from minigan.cli.arguments import Parser, path
from minigan.cli.reproduce.options import add_data_and_quiet
from minigan.errors import UserError


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    record = actions.add_parser(
        "record",
        help="score a run and write its record",
        description="Score the best checkpoint of a run on the test images and write a record. The "
        "run must have been trained with --set log.monitor=parzen.",
    )
    record.add_argument("run", type=path, metavar="RUN", help="score this run folder")
    record.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write the record to this new .json file (default: RUN.json, next to RUN)",
    )
    record.add_argument(
        "--failure", metavar="TEXT", help="record this text as the reason why training failed"
    )
    record.add_argument("--remark", metavar="TEXT", help="add this text to the row in the table")
    add_data_and_quiet(record, "the folder of the run")


def run(options: Any) -> int:
    """Score the run, write the record and print it as a table."""
    from minigan.reports.table1 import record, table

    out = options.out or _next_to(options.run)
    if out.exists():
        raise UserError(f"{out} already exists: choose another --out")
    if not out.parent.is_dir():
        raise UserError(f"the folder {out.parent} of --out does not exist: create it first")
    result = record.record_of_run(options.run, options.data_dir, options.quiet, options.failure)
    if options.remark:
        result = replace(result, warnings=(*result.warnings, options.remark))
    record.write(result, out)
    print(table.table_of_runs([result]))
    return 0


def _next_to(run: Path) -> Path:
    """RUN.json next to the folder RUN."""
    folder = Path(os.path.realpath(run))  # unlike resolve(), also for links in a circle
    if not folder.name or not folder.parent.is_dir():
        raise UserError(f"{run} is not a run folder: give a folder that minigan train has written")
    return folder.with_name(f"{folder.name}.json")
