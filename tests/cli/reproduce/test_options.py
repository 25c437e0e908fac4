"""The options of several actions have their documented defaults."""

from __future__ import annotations

from minigan import cli
from minigan.reports.table2.names import COLUMNS, ROWS
from minigan.training import recipes


def test_the_defaults_are_the_recipe_mnist_from_five_seeds():
    options = cli.commands.parser().parse_args(["reproduce", "table1"])
    assert options.recipe == "mnist"
    assert "mnist" in recipes.names()
    assert options.seeds == [1, 2, 3, 4, 5]
    assert cli.commands.parser().parse_args(["reproduce", "modes"]).recipe == "grid"
    options = cli.commands.parser().parse_args(["reproduce", "table2"])
    assert (options.seed, str(options.out)) == (0, "runs/table2")
    assert (options.rows, options.columns) == (list(ROWS), list(COLUMNS))
