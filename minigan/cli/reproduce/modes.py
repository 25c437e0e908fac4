"""`minigan reproduce modes`: train on points with several seeds, and count the modes found."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_device
from minigan.cli.reproduce.options import add_quiet, add_runs


def add(actions: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of the action."""
    modes = actions.add_parser(
        "modes",
        help="train a recipe on points with several seeds and count the modes found",
        description="Train one run per seed on points whose density is known, and count the modes "
        "that 10,000 samples of each G reach. Print a table and write one record, OUT/NAME.json. "
        "Finished runs are not trained again, and an interrupted run is resumed.",
    )
    add_runs(modes, "grid", "runs/modes")
    add_device(modes)
    add_quiet(modes)


def run(options: Any) -> int:
    """Make the runs and print the table."""
    from minigan.reports.modes import modes_of_recipe
    from minigan.training import recipes

    recipe = recipes.load(options.recipe, options.set)
    print(modes_of_recipe(recipe, options.seeds, options.out, options.device, options.quiet))
    return 0
