"""`minigan report`: write the report of a run as one HTML file."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_data_dir, add_debug, path


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan report`."""
    report = commands.add_parser(
        "report",
        help="write the report of a run as one HTML file",
        description="Write the report of a run as one HTML file. It shows the curves of the log, "
        "the sample sheets, Figures 2 and 3 of the paper for this G, the log-likelihood with "
        "baselines, the recipe and the environment. It needs no network and no other file.",
    )
    report.add_argument(
        "run", type=path, metavar="RUN", help="report this run folder, for example runs/digits-1"
    )
    report.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write the report to this .html file (default: RUN/report.html)",
    )
    report.add_argument(
        "--no-score",
        action="store_true",
        help="do not compute the log-likelihood and the image statistics, which take seconds to "
        "minutes",
    )
    add_data_dir(report, "load the data set from this folder (default: the folder of the run)")
    report.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(report)


def run(options: Any) -> int:
    """Write the report and print its path; returns the exit status."""
    from minigan.reports import html
    from minigan.system.messages import stderr

    quiet = options.quiet or not stderr().isatty()
    score = not options.no_score
    print(html.write(options.run, options.out, options.data_dir, score, quiet))
    return 0
