"""`minigan reproduce table1`: train a recipe, or all models of Table 1, and print the table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import Parser, add_device, jobs
from minigan.cli.reproduce.options import SEEDS, add_data_and_quiet, add_runs
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.reports.table1.record import RunRecord


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    table1 = actions.add_parser(
        "table1",
        help="train a recipe with several seeds and print the table",
        description="Train one run per seed, score each run, write a record of each, and print the "
        "table. The checkpoint to score is the one with the largest log-likelihood of the "
        "validation images; the test images are used once. Seeds with a record are not trained "
        "again, and an interrupted run is resumed.",
    )
    add_runs(table1, "mnist", "runs/table1")
    table1.add_argument(
        "--all",
        action="store_true",
        help="also train a DBN, a stacked CAE and a GSN, and print the whole table with the "
        "numbers of the paper. With --recipe digits this takes minutes. With --all, the default of "
        "--seeds is 1, and that of --out is runs/table1-all",
    )
    table1.add_argument(
        "--sweep",
        nargs="+",
        action="append",
        default=[],
        metavar=("TABLE.KEY", "VALUE"),
        help="make the runs with each of these values of a setting, for example optimizer.rate "
        "0.05 0.1; may be repeated, for all combinations",
    )
    table1.add_argument(
        "--jobs",
        type=jobs,
        metavar="N",
        help="make N runs at a time, which share the processors; a run that fails does not stop "
        "the others (default: 1; under mpiexec, one on each rank but the first)",
    )
    add_device(table1)
    add_data_and_quiet(table1, "see minigan data --help")


def run(options: Any) -> int:
    """Make the runs and print the table. Raises UserError if a run has failed."""
    from minigan.reports.table1 import table
    from minigan.reports.table1.reproduce import table1, table1_side_by_side
    from minigan.reports.table1.sweep import sweep
    from minigan.system.launcher import launched_size

    if options.all:
        return _whole(options)
    chosen = sweep(options.recipe, options.set, options.sweep)
    where = options.out, options.device, options.data_dir, options.quiet
    if launched_size() > 1 or (options.jobs or 1) > 1:
        made = table1_side_by_side(chosen, options.seeds, *where, options.jobs)
        return 0 if made is None else _print_made(*made)
    records = [one for recipe in chosen for one in table1(recipe, options.seeds, *where)]
    print(table.table_of_runs(records))
    return 0


def _whole(options: Any) -> int:
    """Make and print the whole Table 1. Raises UserError if a run has failed."""
    from minigan.reports.table1.whole import whole_table1
    from minigan.system.launcher import launched_size

    for name in ("set", "sweep"):
        if getattr(options, name):
            raise UserError(f"--{name} changes one recipe, and --all has four: leave it out")
    if launched_size() > 1:
        raise UserError("--all runs on one machine: omit mpiexec, and use --jobs")
    out = Path("runs/table1-all") if options.out == Path("runs/table1") else options.out
    where = out, options.device, options.data_dir, options.quiet, options.jobs or 1
    seeds = [1] if options.seeds is SEEDS else options.seeds
    table, failures = whole_table1(options.recipe, seeds, *where)
    if table is None:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failures.items())
        raise UserError(f"{len(failures)} of the runs have failed: {reasons}")
    print(table)
    return 0


def _print_made(records: list[RunRecord], failures: dict[str, str]) -> int:
    """Print the table of the runs that were made. Raises UserError if others have failed."""
    from minigan.reports.table1 import table

    if records:
        print(table.table_of_runs(records))
    if failures:
        raise UserError(
            f"{len(failures)} of {len(records) + len(failures)} runs have failed, "
            f"{', '.join(failures)}: the reasons are above; the same command makes only these again"
        )
    return 0
