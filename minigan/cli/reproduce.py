"""`minigan reproduce`: Table 1 or its row of GANs, Table 2, and modes and switches over seeds."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug, add_device, jobs, path, seed
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.reports.table1.record import RunRecord

SEEDS = [1, 2, 3, 4, 5]


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan reproduce`."""
    reproduce = commands.add_parser(
        "reproduce",
        help="reproduce Table 1 (MNIST) and Table 2 of the paper; compare settings over seeds",
        description="Reproduce the MNIST row of Table 1 of the paper: train, score, and print a "
        "table. The result of each run is a record, one JSON file. Tables are made from records. "
        "The action table2 measures a number for each cell of Table 2. "
        "The action modes trains a recipe on points and counts the modes that G finds. The action "
        "coordination compares ways to coordinate D and G, and priors of z.",
    )
    actions = reproduce.add_subparsers(
        dest="action",
        metavar="ACTION",
        required=True,
        help="what to do: table1, table2, modes, coordination, record, model or table",
    )
    _add_table1(actions)
    _add_table2(actions)
    _add_modes(actions)
    _add_coordination(actions)
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
    _add_common(record, "the folder of the run")
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
    table = actions.add_parser(
        "table",
        help="print a table of records",
        description="Print all records of a folder as a table in Markdown.",
    )
    table.add_argument("folder", type=path, metavar="DIR", help="read the records of this folder")
    add_debug(table)


def _add_table1(actions: argparse._SubParsersAction[Parser]) -> None:
    table1 = actions.add_parser(
        "table1",
        help="train a recipe with several seeds and print the table",
        description="Train one run per seed, score each run, write a record of each, and print the "
        "table. The checkpoint to score is the one with the largest log-likelihood of the "
        "validation images; the test images are used once. Seeds with a record are not trained "
        "again, and an interrupted run is resumed.",
    )
    _add_runs(table1, "mnist", "runs/table1")
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
    _add_common(table1, "see minigan data --help")


def _add_table2(actions: argparse._SubParsersAction[Parser]) -> None:
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
        table2.add_argument(
            option,
            nargs="+",
            default=list(names),
            choices=tuple(names),
            metavar="NAME",
            help=f"measure the cells of these {what} (default: all: {', '.join(names)})",
        )
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
    table2.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(table2)


def _add_modes(actions: argparse._SubParsersAction[Parser]) -> None:
    modes = actions.add_parser(
        "modes",
        help="train a recipe on points with several seeds and count the modes found",
        description="Train one run per seed on points whose density is known, and count the modes "
        "that 10,000 samples of each G reach. Print a table and write one record, OUT/NAME.json. "
        "Finished runs are not trained again, and an interrupted run is resumed.",
    )
    _add_runs(modes, "grid", "runs/modes")
    add_device(modes)
    modes.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(modes)


def _add_coordination(actions: argparse._SubParsersAction[Parser]) -> None:
    from minigan.reports.coordination_switches import SWITCHES, TASK_NAMES

    coordination = actions.add_parser(
        "coordination",
        help="time until a target, for ways to coordinate D and G and for priors of z",
        description="Change one setting at a time in the recipes toy and digits (section 7 of the "
        "paper: efficiency), and train with several seeds until G reaches all 8 modes of the ring, "
        "or a log-likelihood of the digits. Print a table for each, with the mean and the standard "
        "deviation of the iterations and seconds, and write one record, OUT/coordination.json. "
        "Runs that it has are not made again. The default takes 10 to 15 minutes.",
    )
    coordination.add_argument(
        "--switches",
        nargs="+",
        default=list(SWITCHES),
        choices=SWITCHES,
        metavar="NAME",
        help=f"make the runs of these switches (default: all: {', '.join(SWITCHES)})",
    )
    coordination.add_argument(
        "--tasks",
        nargs="+",
        default=list(TASK_NAMES),
        choices=TASK_NAMES,
        metavar="TASK",
        help=f"train for these targets (default: {' '.join(TASK_NAMES)})",
    )
    _add_seeds_and_out(coordination, "runs/coordination")
    coordination.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(coordination)


def _add_runs(parser: Parser, recipe: str, out: str) -> None:
    """Add --recipe, --set, --seeds and --out."""
    parser.add_argument(
        "--recipe",
        default=recipe,
        metavar="RECIPE",
        help=f"train this recipe: a name or a .toml file (default: {recipe})",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change a setting of the recipe, for example optimizer.rate=0.05; may be repeated",
    )
    _add_seeds_and_out(parser, out)


def _add_seeds_and_out(parser: Parser, out: str) -> None:
    parser.add_argument(
        "--seeds",
        type=_seeds,
        default=SEEDS,
        metavar="SEEDS",
        help="train one run per seed; separate seeds by commas (default: 1,2,3,4,5)",
    )
    parser.add_argument(
        "--out",
        type=path,
        default=Path(out),
        metavar="DIR",
        help=f"write runs and records to this folder (default: {out})",
    )


def _add_common(parser: Parser, data_dir: str) -> None:
    add_data_dir(parser, f"load the data set from this folder (default: {data_dir})")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(parser)


def run(options: Any) -> int:
    """Run the action and print the table or the new folder; returns the exit status."""
    from minigan.reports.table1 import export, record, table
    from minigan.reports.table1.reproduce import table1, table1_side_by_side
    from minigan.reports.table1.sweep import sweep
    from minigan.system.launcher import launched_size
    from minigan.training import recipes

    if launched_size() > 1 and options.action != "table1":
        raise UserError(f"minigan reproduce {options.action} runs in one process: omit mpiexec")
    if options.action == "model":
        export.export(options.run, options.out)
        print(options.out)
        return 0
    if options.action == "modes":
        from minigan.reports.modes import modes_of_recipe

        recipe = recipes.load(options.recipe, options.set)
        print(modes_of_recipe(recipe, options.seeds, options.out, options.device, options.quiet))
        return 0
    if options.action == "coordination":
        from minigan.reports.coordination import coordination

        chosen_runs = options.tasks, options.switches, options.seeds
        print(coordination(*chosen_runs, options.out, options.quiet))
        return 0
    if options.action == "table2":
        from minigan.reports.table2.reproduce import RecordNotWrittenError, record_in, table2

        asked = options.rows, options.columns, options.seed
        try:
            print(table2(*asked, options.out, options.quiet))
        except RecordNotWrittenError as error:
            print(error.table)
            raise
        print(f"\nrecord: {record_in(options.out)}, seed {options.seed}")
        return 0
    if options.action == "table1":
        if options.all:
            return _whole(options)
        chosen = sweep(options.recipe, options.set, options.sweep)
        where = options.out, options.device, options.data_dir, options.quiet
        if launched_size() > 1 or (options.jobs or 1) > 1:
            made = table1_side_by_side(chosen, options.seeds, *where, options.jobs)
            return 0 if made is None else _print_made(*made)
        records = [one for recipe in chosen for one in table1(recipe, options.seeds, *where)]
    elif options.action == "record":
        out = options.out or _next_to(options.run)
        if out.exists():
            raise UserError(f"{out} already exists: choose another --out")
        if not out.parent.is_dir():
            raise UserError(f"the folder {out.parent} of --out does not exist: create it first")
        result = record.record_of_run(options.run, options.data_dir, options.quiet, options.failure)
        if options.remark:
            result = replace(result, warnings=(*result.warnings, options.remark))
        record.write(result, out)
        records = [result]
    else:
        records = record.read_all(options.folder)
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


def _next_to(run: Path) -> Path:
    """RUN.json next to the folder RUN."""
    folder = Path(os.path.realpath(run))  # unlike resolve(), also for links in a circle
    if not folder.name:
        raise UserError(f"{run} is not a run folder: give a folder that minigan train has written")
    return folder.with_name(f"{folder.name}.json")


def _seeds(text: str) -> list[int]:
    seeds = [seed(word) for word in text.split(",")]
    if len(set(seeds)) < len(seeds):
        raise argparse.ArgumentTypeError(f"{text!r} contains a seed twice")
    return seeds
