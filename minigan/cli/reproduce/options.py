"""The options that several actions of `minigan reproduce` have."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

from minigan.cli.arguments import Parser, add_data_dir, add_debug, path, seed

SEEDS = [1, 2, 3, 4, 5]


def add_runs(parser: Parser, recipe: str, out: str) -> None:
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
    add_seeds_and_out(parser, out)


def add_seeds_and_out(parser: Parser, out: str) -> None:
    """Add --seeds and --out."""
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


def add_choices(
    parser: Parser, option: str, names: Collection[str], metavar: str, what: str
) -> None:
    """Add an option that takes one or more of the names; all of them by default."""
    parser.add_argument(
        option, nargs="+", default=list(names), choices=tuple(names), metavar=metavar, help=what
    )


def add_data_and_quiet(parser: Parser, data_dir: str) -> None:
    """Add --data-dir, with this default in words, --quiet and --debug."""
    add_data_dir(parser, f"load the data set from this folder (default: {data_dir})")
    add_quiet(parser)


def add_quiet(parser: Parser) -> None:
    """Add --quiet and --debug."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(parser)


def _seeds(text: str) -> list[int]:
    seeds = [seed(word) for word in text.split(",")]
    if len(set(seeds)) < len(seeds):
        raise argparse.ArgumentTypeError(f"{text!r} contains a seed twice")
    return seeds
