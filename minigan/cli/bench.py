"""`minigan bench`: how fast this machine is, beside the limit; or whether its GPU is right."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from minigan.cli.arguments import FAILED, Parser, add_debug, path, threads
from minigan.errors import UserError

OF_THE_CPU = ("only", "json", "compare")


def add(commands: argparse._SubParsersAction[Parser]) -> None:
    """The words of `minigan bench`."""
    bench = commands.add_parser(
        "bench",
        help="measure this machine: iterations and layers beside the limit; verify its GPU",
        description="Measure how fast minigan is on this machine, beside the limit: the bare "
        "matrix products of an iteration and one pass over the parameters. Results are verified "
        "before they are timed. Close other programs first; the report is Markdown. With --device "
        "cuda, everything that the GPU computes is first held against the CPU, and a record is "
        "kept in gpu_verified.json.",
    )
    bench.add_argument("--quick", action="store_true", help="tiny sizes: only to see that it works")
    bench.add_argument("--device", default="cpu", help="cpu, or a GPU: cuda, cuda:1 (default: cpu)")
    bench.add_argument(
        "--out",
        type=path,
        metavar="FILE",
        help="the record of a GPU (default: gpu_verified.json; of --quick: none)",
    )
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
    if options.device != "cpu":
        return _verify(options)
    if options.out:
        raise UserError("--out is the record of a GPU: add --device cuda, or keep a --json")
    from minigan import bench
    from minigan.system.files import read_whole, write_atomically

    old = None
    if options.compare:
        try:
            old = bench.from_json(read_whole(options.compare, 10**8).decode())
        except OSError as error:
            raise UserError(f"{options.compare} cannot be read: {error.strerror}") from None
    what = bench.TOPICS if options.only is None else options.only

    def keep(report: bench.Measurements) -> None:
        if options.json:
            write_atomically(options.json, report.to_json().encode())

    report = bench.run(what, options.quick, options.threads, quiet=options.quiet, keep=keep)
    print(report.to_markdown())
    if old is not None:
        print(bench.compare(old, report))
    return 0


def _verify(options: Any) -> int:
    """Verify a GPU, print what was found and keep the record; 1 where something is wrong."""
    from minigan.bench import gpu
    from minigan.system.files import write_atomically

    for name in OF_THE_CPU:
        if getattr(options, name) is not None:
            raise UserError(f"--{name} goes with --device cpu; the record of a GPU is --out")
    out = options.out or (None if options.quick else Path(gpu.NAME))
    if out and not out.absolute().parent.is_dir():
        raise UserError(f"there is no folder {out.parent} for the record: make it first")
    record = gpu.verify(options.device, options.quick, threads=options.threads, quiet=options.quiet)
    print(gpu.verification_page(record))
    if out:
        write_atomically(out, record.to_json().encode())
    return 0 if record.passed else FAILED
