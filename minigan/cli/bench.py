"""`minigan bench`: how fast this machine is, beside the limit."""

from __future__ import annotations

import argparse
from typing import Any

from minigan.cli.arguments import Parser, add_debug, path, threads
from minigan.errors import UserError


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan bench`."""
    bench = commands.add_parser(
        "bench",
        help="measure this machine: iterations and layers beside the limit",
        description="Measure how fast minigan is on this machine, beside the limit: the bare "
        "matrix products of an iteration and one pass over the parameters. Results are verified "
        "before they are timed. Close other programs first; the report is Markdown.",
    )
    bench.add_argument("--quick", action="store_true", help="tiny sizes: only to see that it works")
    bench.add_argument(
        "--only",
        type=lambda text: text.split(","),
        metavar="TOPICS",
        help="some of layers,iteration,growth,start,parzen (default: all)",
    )
    bench.add_argument("--threads", type=threads, default=0, help="of the BLAS (default: its own)")
    bench.add_argument("--json", type=path, metavar="FILE", help="keep the report here too")
    bench.add_argument(
        "--compare", type=path, metavar="OLD", help="also the ratios to a report that was kept"
    )
    bench.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(bench)


def run(options: Any) -> int:
    """Measure and print the report; returns the exit status."""
    from minigan import bench
    from minigan.files import read_whole, write_atomically

    old = None
    if options.compare:
        try:
            old = bench.from_json(read_whole(options.compare, 10**8).decode())
        except OSError as error:
            raise UserError(f"{options.compare} cannot be read: {error.strerror}") from None
    what = bench.TOPICS if options.only is None else options.only

    def keep(report: bench.Report) -> None:
        if options.json:
            write_atomically(options.json, report.to_json().encode())

    report = bench.run(what, options.quick, options.threads, quiet=options.quiet, keep=keep)
    print(report.to_markdown())
    if old is not None:
        print(bench.compare(old, report))
    return 0
