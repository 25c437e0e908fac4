"""`minigan bench`: measure the speed of minigan on this machine, or verify its GPU."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigan.cli.arguments import FAILED, Parser, add_debug, path, threads
from minigan.errors import UserError

if TYPE_CHECKING:
    from minigan.bench.tables import Measurements

CPU_OPTIONS = ("only", "json", "markdown")


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan bench`."""
    bench = commands.add_parser(
        "bench",
        help="measure the speed of minigan on this machine, or verify its GPU",
        description="Measure the speed of minigan on this machine in about two minutes and print "
        "a report: a narrow table on a terminal, all columns in Markdown otherwise. "
        "Each time is compared with a limit: the matrix products of an iteration and one pass over "
        "the parameters, without any other work. Results are verified before they are timed. Close "
        "other programs before you start. With --device cuda, compare every result of the GPU with "
        "the CPU, and write a record to gpu_verified.json.",
    )
    size = bench.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_true", help="use tiny sizes, to test that the benchmark runs"
    )
    size.add_argument(
        "--full",
        action="store_true",
        help="measure all sizes with more repetitions, in about a quarter of an hour",
    )
    bench.add_argument(
        "--device",
        default="cpu",
        metavar="DEVICE",
        help="measure the cpu, or verify a GPU: cuda or cuda:1 (default: cpu)",
    )
    bench.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="write the record of a GPU to this file (default: gpu_verified.json; with --quick: "
        "none)",
    )
    bench.add_argument(
        "--only",
        type=lambda text: text.split(","),
        metavar="TOPICS",
        help="measure only these topics, separated by commas: layers, iteration, growth, start, "
        "parzen (default: all)",
    )
    bench.add_argument(
        "--threads",
        type=threads,
        default=0,
        metavar="N",
        help="use N threads in the BLAS; 0: its default number (default: 0)",
    )
    bench.add_argument(
        "--json", type=path, metavar="FILE", help="also write the report to this JSON file"
    )
    bench.add_argument(
        "--markdown", type=path, metavar="FILE", help="also write the report to this Markdown file"
    )
    bench.add_argument(
        "--compare",
        type=path,
        metavar="FILE",
        help="also print the ratios to an earlier report, written with --json, or to the record "
        "of a GPU",
    )
    bench.add_argument(
        "--plot",
        type=path,
        metavar="FILE",
        help="also plot the time of an iteration against minibatch size and width, of the networks "
        "for MNIST and for CIFAR-10, to this .png, .svg or .pdf, together with the report of "
        "--compare",
    )
    bench.add_argument(
        "--reports",
        type=path,
        nargs="+",
        metavar="FILE",
        help="measure nothing: --plot these reports and records of GPUs",
    )
    bench.add_argument(
        "--history",
        type=path,
        metavar="FOLDER",
        help="measure nothing: print the ratios to the limit in the reports of this folder, in the "
        "order of their commits; --plot draws them",
    )
    bench.add_argument("--quiet", action="store_true", help="show no progress")
    add_debug(bench)


def run(options: Any) -> int:
    """Measure or verify, and print the report; returns the exit status."""
    if options.plot:
        from minigan.reports.figures import plots

        plots.require_matplotlib(options.plot)
    if options.history:
        return _show_history(options)
    if options.reports:
        return _plot_files(options)
    if options.device != "cpu":
        return _verify(options)
    if options.out:
        raise UserError(
            "--out is for the record of a GPU: add --device cuda, or write the report with --json"
        )
    from minigan import bench
    from minigan.bench import terminal
    from minigan.system.files import require_writable, write_atomically
    from minigan.system.streams import is_stream

    old = _old_report(options)
    for file in filter(None, (options.json, options.markdown)):
        require_writable(file)
    topics = bench.TOPICS if options.only is None else options.only

    full: list[OSError] = []

    def save(report: bench.Measurements) -> None:
        # A pipe gets the whole report once, at the end. A full disk does not end the measurement.
        for file, text in ((options.json, report.to_json), (options.markdown, report.to_markdown)):
            if file and not is_stream(file):
                try:
                    write_atomically(file, text().encode())
                except OSError as error:
                    full.append(error)

    size = "quick" if options.quick else "full" if options.full else "default"
    report = bench.run(topics, size, options.threads, quiet=options.quiet, keep=save)
    print(terminal.terminal_text(report) if sys.stdout.isatty() else report.to_markdown())
    _compare_and_plot(options, old, report)
    for file, text in ((options.json, report.to_json), (options.markdown, report.to_markdown)):
        if file and is_stream(file):
            write_atomically(file, text().encode())
    if full:
        raise full[-1]
    return 0


def _old_report(options: Any) -> Measurements | None:
    """The report of --compare."""
    from minigan.bench import tables

    return tables.read(options.compare) if options.compare else None


def _compare_and_plot(options: Any, old: Measurements | None, new: Measurements) -> None:
    """Print the ratios new / old if there is an old report, and write the plot of --plot."""
    from minigan.bench import compare, plot
    from minigan.system.files import write_atomically

    if old is not None:
        print(compare(old, new))
    if options.plot:
        reports = {"now": new} if old is None else {options.compare.stem: old, "now": new}
        write_atomically(options.plot, plot.draw_reports(reports, options.plot.suffix))


def _plot_files(options: Any) -> int:
    """Write the plot of --reports; returns the exit status."""
    from minigan.bench import plot, tables
    from minigan.system.files import write_atomically

    if not options.plot:
        raise UserError("--reports are files to plot: add --plot FILE")
    _refuse_a_measurement(options, "--reports")
    names = [file.stem for file in options.reports]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"two of the --reports are called {name}: rename one of them")
    reports = {file.stem: tables.read(file) for file in options.reports}
    write_atomically(options.plot, plot.draw_reports(reports, options.plot.suffix))
    print(options.plot)
    return 0


def _show_history(options: Any) -> int:
    """Print the table of --history, and write its plot; returns the exit status."""
    from minigan.bench import history
    from minigan.system.files import write_atomically

    _refuse_a_measurement(options, "--history")
    if options.reports:
        raise UserError("--history reads all reports of its folder: leave out --reports")
    reports = history.read_history(options.history)
    table = history.history_table(reports)
    print(table, end="")
    if "±" in table:
        print("\n± is half the range of the reports of a commit: (largest - smallest) / 2.")
    if options.plot:
        write_atomically(options.plot, history.draw_history(reports, options.plot.suffix))
    return 0


def _refuse_a_measurement(options: Any, reading: str) -> None:
    """Raises UserError for an option that `reading`, which measures nothing, does not have."""
    for name in (*CPU_OPTIONS, "compare", "out", "quick", "full", "threads"):
        if getattr(options, name):
            raise UserError(f"--{name} is for a measurement: leave it out with {reading}")
    if options.device != "cpu":
        raise UserError(f"--device is for a measurement: leave it out with {reading}")


def _verify(options: Any) -> int:
    """Verify a GPU, print and write the record; returns 1 if a check failed, else 0."""
    from minigan.bench import gpu
    from minigan.system.files import write_atomically

    old = _old_report(options)

    if options.full:
        raise UserError("--full needs --device cpu: leave it out (a GPU is always verified fully)")
    for name in CPU_OPTIONS:
        if getattr(options, name) is not None:
            raise UserError(
                f"--{name} needs --device cpu: leave it out (--out writes the record of a GPU)"
            )
    out = options.out or (None if options.quick else Path(gpu.NAME))
    if out and not out.absolute().parent.is_dir():
        raise UserError(f"the folder {out.parent} of --out does not exist: create it first")
    record = gpu.verify(options.device, options.quick, threads=options.threads, quiet=options.quiet)
    print(gpu.verification_page(record))
    if out:
        write_atomically(out, record.to_json().encode())
    _compare_and_plot(options, old, record.measurements)
    return 0 if record.passed else FAILED
