"""`minigan reproduce`: the paper's Table 1 again, and the records that its rows are made of."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug, add_device, path, seed
from minigan.errors import UserError


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan reproduce`."""
    reproduce = commands.add_parser(
        "reproduce",
        help="the paper's Table 1, MNIST row, again: runs, records, table",
        description="Train, score and tell again what the paper reports. Each finished run leaves "
        "a record, one JSON file; tables are made of records.",
    )
    actions = reproduce.add_subparsers(
        dest="action", metavar="ACTION", required=True, help="table1, record, model or table"
    )
    _add_table1(actions)
    record = actions.add_parser(
        "record",
        help="score a run and keep its record",
        description="Score the best checkpoint of a run that was trained with "
        "--set log.monitor=parzen, once, and write its record.",
    )
    record.add_argument("run", type=path, help="a run folder that minigan train left")
    record.add_argument("--out", type=path, help="a .json file (default: RUN.json beside RUN)")
    record.add_argument("--failure", metavar="WORDS", help="what ended it, where training failed")
    record.add_argument(
        "--remark", metavar="WORDS", help="what else its row in the table shall say"
    )
    _add_common(record)
    model = actions.add_parser(
        "model",
        help="keep a run's best G as a model of a few megabytes",
        description="Write the G of a run's best checkpoint, in float16, into a new folder that "
        "minigan sample, parzen and figure take as a run.",
    )
    model.add_argument("run", type=path, help="a run folder that minigan train left")
    model.add_argument("--out", type=path, required=True, help="a new folder")
    add_debug(model)
    table = actions.add_parser(
        "table",
        help="print the table of records",
        description="Print the records of a folder as a table in Markdown.",
    )
    table.add_argument("folder", type=path, help="a folder of records")
    add_debug(table)


def _add_table1(actions: argparse._SubParsersAction[Parser]) -> None:
    table1 = actions.add_parser(
        "table1",
        help="train the recipe mnist from several seeds and print the table",
        description="Train one run per seed, choose its snapshot by the log-likelihood of "
        "validation images, score the test images once, keep a record of each and print the table. "
        "Seeds that have a record are not trained again; a run that stopped goes on.",
    )
    table1.add_argument("--recipe", default="mnist", help="name or .toml file (default: mnist)")
    table1.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change a setting of the recipe; may be repeated",
    )
    table1.add_argument(
        "--seeds",
        type=_seeds,
        default=[1, 2, 3, 4, 5],
        metavar="SEEDS",
        help="such as 1,2,3 (default: 1,2,3,4,5)",
    )
    table1.add_argument(
        "--out", type=path, default=Path("runs/table1"), help="a folder (default: runs/table1)"
    )
    add_device(table1)
    _add_common(table1)


def _add_common(parser: Parser) -> None:
    add_data_dir(parser, "where the data set is (default: where the run had it from)")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(parser)


def run(options: Any) -> int:
    """Do it and print the table, or the new folder; returns the exit status."""
    from minigan.reports.table1 import export, record, table
    from minigan.reports.table1.reproduce import table1
    from minigan.training import recipes

    if options.action == "model":
        export.export(options.run, options.out)
        print(options.out)
        return 0
    if options.action == "table1":
        recipe = recipes.load(options.recipe, options.set)
        records = table1(
            recipe, options.seeds, options.out, options.device, options.data_dir, options.quiet
        )
    elif options.action == "record":
        out = options.out or options.run.resolve().with_name(f"{options.run.resolve().name}.json")
        if out.exists():
            raise UserError(f"{out} exists already: choose another --out")
        if not out.parent.is_dir():
            raise UserError(f"there is no folder {out.parent}: make it first")
        found = record.record_of_run(options.run, options.data_dir, options.quiet, options.failure)
        if options.remark:
            found = replace(found, warnings=(*found.warnings, options.remark))
        record.write(found, out)
        records = [found]
    else:
        records = record.read_all(options.folder)
    print(table.table_of_runs(records))
    return 0


def _seeds(text: str) -> list[int]:
    seeds = [seed(word) for word in text.split(",")]
    if len(set(seeds)) < len(seeds):
        raise argparse.ArgumentTypeError(f"{text!r} names a seed twice")
    return seeds
