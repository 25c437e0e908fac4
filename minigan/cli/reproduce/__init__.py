"""`minigan reproduce`: the tables of the paper, and comparisons over seeds. One module per action.

table1           Table 1 or its row of GANs: train, score, record, print
record, model    the record and the exported G of a run
table            the table of records
table2           a number for each cell of Table 2
modes            the modes that G finds
coordination     ways to coordinate D and G, and priors of z
options          the options that several actions have
"""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser
from minigan.cli.reproduce import coordination, model, modes, record, table, table1, table2
from minigan.errors import UserError

ACTIONS = {
    "table1": table1,
    "table2": table2,
    "modes": modes,
    "coordination": coordination,
    "record": record,
    "model": model,
    "table": table,
}


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
    for action in ACTIONS.values():
        action.add(actions)


def run(options: Any) -> int:
    """Run the action; returns the exit status."""
    from minigan.system.launcher import launched_size

    if launched_size() > 1 and options.action != "table1":
        raise UserError(f"minigan reproduce {options.action} runs in one process: omit mpiexec")
    status: int = ACTIONS[options.action].run(options)
    return status
