"""The times of PyTorch and JAX on a GPU, for `minigan bench --device cuda`.

    python benchmarks/on_gpu.py --device cuda --json peers.json

Each peer runs the iteration in a separate process, in float32 without TF32. It is verified before
it is timed. A peer that cannot use the GPU, or that differs from the float64 reference, is named
and not timed. The table becomes part of gpu_verified.json, which also has minigan's times.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from against import differences
from peers import task
from remote import Remote
from worker import PEERS

from minigan.bench.iteration import CHECK, CYCLE
from minigan.bench.setting import random_images
from minigan.bench.tables import TIMES, Column, Measurements, Table, TableRow
from minigan.bench.timing import measure
from minigan.system.files import write_atomically

COLUMNS = (
    Column("schedule", key=True),
    Column("m", key=True),
    Column("random numbers", key=True),
    Column("who", key=True),
    *TIMES,
    Column("images", "1/s"),
    Column("check"),
    Column("max difference"),
)
LIBRARIES = ("jax", "torch")


def main() -> None:
    """Read the command line, measure, and write JSON."""
    parser = argparse.ArgumentParser(prog="python benchmarks/on_gpu.py")
    parser.add_argument("--device", default="cuda", help="cuda, or cpu to test the script")
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    parser.add_argument("--batches", default="100", help="minibatch sizes separated by commas")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--at-least", type=float, default=0.1, help="seconds of one measurement")
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    libraries = options.libraries.split(",")
    names = [name for name in PEERS if name.split()[0] in libraries]
    rows: list[TableRow] = []
    versions: dict[str, None] = {}
    wrong: dict[str, None] = {}
    for schedule in ("algorithm1", "simultaneous"):
        for m in map(int, options.batches.split(",")):
            measured, names_and_versions, failed = peer_rows(schedule, m, names, options)
            rows += measured
            versions |= dict.fromkeys(names_and_versions)
            wrong |= dict.fromkeys(failed)
            print(f"measured: {schedule}, m = {m}", file=sys.stderr, flush=True)
    title = f"PyTorch and JAX on the device {options.device}"
    facts = {"peers": ", ".join(versions), "not timed": "; ".join(wrong)}
    report = Measurements("", facts, (Table("peers", title, COLUMNS, tuple(rows)),))
    write_atomically(options.json, report.to_json().encode())


def peer_rows(
    schedule: str, m: int, names: Sequence[str], options: argparse.Namespace
) -> tuple[list[TableRow], list[str], list[str]]:
    """(rows of one update order and minibatch size, versions, messages about peers not timed)."""
    recipe, images = task.recipe(schedule, m, options.width), random_images(max(50_000, m))
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder,
        contextlib.ExitStack() as stack,
    ):
        file, workers = Path(folder) / "task.npz", list[Remote]()
        task.write(file, recipe, images, CYCLE)
        for name in names:
            arguments = (file, schedule, m, options.width, os.cpu_count() or 1, options.device)
            try:
                workers.append(stack.enter_context(Remote(name, *arguments)))
            except RuntimeError as error:  # the library cannot use the GPU
                failed.append(str(error))
        found, wrong = differences(recipe, images, workers, Path(folder) / "theta.npy")
        correct = [worker for worker in workers if worker.name in found]
        timed = measure(
            {f"{what}|{w.name}": w.timer(what) for what in ("drawn", "given") for w in correct},
            rounds=options.rounds,
            at_least=options.at_least,
        )
        rows: list[TableRow] = []
        for key, one in timed.items():
            what, who = key.split("|")
            median, low, high, fastest, _ = one.milliseconds()
            first = next(1000 * w.first[what] for w in correct if w.name == who)
            times = (median, low, high, fastest, first, m / one.median)
            rows.append((schedule, m, what, who, *times, CHECK, found[who]))
        return rows, [worker.version for worker in workers], failed + wrong


if __name__ == "__main__":
    main()
