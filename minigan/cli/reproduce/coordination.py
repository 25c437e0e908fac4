"""`minigan reproduce coordination`: the time until a target, for ways to coordinate D and G."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser
from minigan.cli.reproduce.options import add_choices, add_quiet, add_seeds_and_out


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
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
    switches = f"make the runs of these switches (default: all: {', '.join(SWITCHES)})"
    add_choices(coordination, "--switches", SWITCHES, "NAME", switches)
    tasks = f"train for these targets (default: {' '.join(TASK_NAMES)})"
    add_choices(coordination, "--tasks", TASK_NAMES, "TASK", tasks)
    add_seeds_and_out(coordination, "runs/coordination")
    add_quiet(coordination)


def run(options: Any) -> int:
    """Make the runs and print the tables."""
    from minigan.reports.coordination import coordination

    chosen_runs = options.tasks, options.switches, options.seeds
    print(coordination(*chosen_runs, options.out, options.quiet))
    return 0
