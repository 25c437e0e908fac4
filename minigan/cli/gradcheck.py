"""`minigan gradcheck`: check the gradients of minigan, or of a Python file."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, count_type, path, seed
from minigan.errors import UserError
from minigan.system.text import with_colours

DESCRIPTION = """\
Check gradients by the complex step in double precision. Without FILE, check
every layer, every objective, the D step and the G step of minigan. With FILE,
execute this Python file and check its functions forward(*inputs) and
backward(dy, *inputs) at the inputs that example(rng) returns, at several
points. A file may define several pairs: relu_forward, relu_backward and
relu_example, and so on. The exit status is 0 if every gradient passed, 1 if
one is wrong or could not be verified, and 2 for invalid input.
"""
EXAMPLE = """\
example of a FILE:

  import numpy as np

  def forward(x, W):
      return np.tanh(x @ W)

  def backward(dy, x, W):
      da = dy * (1 - np.tanh(x @ W) ** 2)
      return da @ W.T, x.T @ da

  def example(rng):
      return rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
"""


def positive(text: str) -> float:
    """A positive number."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")


OF_FILE: dict[str, tuple[Callable[[str], Any], str, str]] = {  # name: type, metavar, help
    "tolerance": (positive, "T", "the largest relative error that passes (default: 1e-10; for "
                  "differences the error that they resolve, at most 1e-3)"),
    "seed": (seed, "N", "the seed of rng and of dy (default: 0)"),
    "points": (count_type, "N", "the number of points, each from a call of example(rng) (default: "
               "3)"),
    "max_seconds": (positive, "S", "the time for a pair; fewer entries of large inputs are "
                    "compared if it is short (default: 10)"),
    "constant": (str, "NAME", "an input for which backward may return None; may be repeated"),
}  # fmt: skip
OUTPUTS = {
    "json": "also write the report as JSON to this file; -: print the JSON instead of the report",
    "junit": "also write the report as JUnit XML to this file",
    "plot": "also draw the error of every entry to this .png file (needs Matplotlib)",
}


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """Add the parser of `minigan gradcheck`."""
    gradcheck = commands.add_parser(
        "gradcheck",
        help="check every gradient of minigan, or of your own Python file",
        description=DESCRIPTION,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    gradcheck.add_argument(
        "file",
        nargs="?",
        type=path,
        metavar="FILE",
        help="check the functions of this Python file (default: check minigan)",
    )
    for name, (kind, metavar, description) in OF_FILE.items():
        gradcheck.add_argument(
            f"--{name.replace('_', '-')}",
            type=kind,
            action="append" if name == "constant" else "store",
            metavar=metavar,
            help=f"with FILE: {description}",
        )
    for name, description in OUTPUTS.items():
        gradcheck.add_argument(f"--{name}", type=path, metavar="OUT", help=description)
    add_debug(gradcheck)


def run(options: Any) -> int:
    """Check, print the report and write the files; returns the exit status."""
    given = {name: value for name in OF_FILE if (value := getattr(options, name)) is not None}
    if given and not options.file:
        option = next(iter(given)).replace("_", "-")
        raise UserError(f"--{option} needs FILE, a Python file to check: minigan gradcheck FILE")
    json_only = str(options.json) == "-"
    _require_outputs(options, json_only)
    from minigan import gradcheck, selfcheck

    with contextlib.redirect_stdout(sys.stderr) if json_only else contextlib.nullcontext():
        if options.file:
            quiet = not sys.stderr.isatty()
            report = gradcheck.check_file(options.file, **given, quiet=quiet)
        else:
            report = selfcheck.check_all()
    if not json_only:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print(report.text(color=color), file=with_colours(sys.stdout))
    _write(report, options, json_only)
    return 0 if report.passed else FAILED


def _require_outputs(options: Any, json_only: bool) -> None:
    """Raises UserError if an output cannot be written, before anything is computed."""
    for name in OUTPUTS:
        out = getattr(options, name)
        if not out or (name == "json" and json_only):
            continue
        if not out.absolute().parent.is_dir():
            raise UserError(f"{out} cannot be written: the folder {out.parent} does not exist")
        if options.file and out.resolve() == options.file.resolve():
            raise UserError(f"{out} is the file to check: write --{name} to another file")
    if options.plot:
        from minigan.reports.figures.plots import require_matplotlib

        if options.plot.suffix.lower() != ".png":
            raise UserError(f"{options.plot} must end in .png")
        require_matplotlib(options.plot)


def _write(report: Any, options: Any, json_only: bool) -> None:
    """Write the outputs, or print the JSON."""
    from minigan.gradcheck.outputs import report_json, report_junit
    from minigan.gradcheck.plot import plot_errors
    from minigan.system.files import write_atomically

    if json_only:
        print(report_json(report))
    elif options.json:
        write_atomically(options.json, report_json(report).encode() + b"\n")
    if options.junit:
        suite = f"minigan gradcheck {options.file or ''}".strip()
        write_atomically(options.junit, report_junit(report, suite))
    if options.plot:
        plot_errors(report, options.plot)
