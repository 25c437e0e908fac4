"""`minigan report`: a run as one HTML file."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug, path


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan report`."""
    report = commands.add_parser(
        "report",
        help="write a run as one HTML file that opens offline",
        description="Write one HTML file with everything of a run. It shows the curves of the log, "
        "the sample sheets over time, the paper's Figures 2 and 3 of its G, its log-likelihood "
        "beside what is no model, recipe and environment, and needs no network and no other file.",
    )
    report.add_argument("run", type=path, metavar="RUN", help="a run folder, such as runs/digits-1")
    report.add_argument("--out", type=path, metavar="FILE", help="(default: RUN/report.html)")
    report.add_argument(
        "--no-score",
        action="store_true",
        help="leave out the log-likelihood, which takes seconds to minutes",
    )
    add_data_dir(report, "look for the data set here (default: where the run had it from)")
    report.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(report)


def run(options: Any) -> int:
    """Write the report and print where it is; returns the exit status."""
    from minigan.reports import html

    quiet = options.quiet or not sys.stderr.isatty()
    score = not options.no_score
    print(html.write(options.run, options.out, options.data_dir, score, quiet))
    return 0
