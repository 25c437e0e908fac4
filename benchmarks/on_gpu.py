"""PyTorch and JAX on a GPU: the iteration of `minigan bench --device cuda`, verified, then timed.

    python benchmarks/on_gpu.py --device cuda --json peers.json

minigan's own times on that GPU are in gpu_verified.json, which this table becomes a part of. Each
peer is a process of its own and plays in float32 throughout: no TF32. One that cannot use the GPU,
or that disagrees with the float64 reference, is named and not timed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from against import CHECK, CYCLE, differences
from peers import task
from remote import Remote
from worker import PEERS

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
    """Read the command line, measure, write JSON."""
    parser = argparse.ArgumentParser(prog="python benchmarks/on_gpu.py")
    parser.add_argument("--device", default="cuda", help="cuda, or cpu to try the script")
    parser.add_argument("--libraries", default=",".join(LIBRARIES))
    parser.add_argument("--batches", default="100", help="with commas between")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--at-least", type=float, default=0.1, help="seconds of a repeat")
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    libraries = options.libraries.split(",")
    names = [name for name in PEERS if name.split()[0] in libraries]
    rows: list[TableRow] = []
    versions: dict[str, None] = {}
    wrong: dict[str, None] = {}
    for schedule in ("algorithm1", "simultaneous"):
        for m in map(int, options.batches.split(",")):
            found, told, failed = of_one(schedule, m, names, options)
            rows += found
            versions |= dict.fromkeys(told)
            wrong |= dict.fromkeys(failed)
            print(f"measured: {schedule}, m = {m}", file=sys.stderr, flush=True)
    title = f"PyTorch and JAX on the device {options.device}"
    facts = {"peers": ", ".join(versions), "not timed": "; ".join(wrong)}
    report = Measurements("", facts, (Table("peers", title, COLUMNS, tuple(rows)),))
    write_atomically(options.json, report.to_json().encode())


def of_one(
    schedule: str, m: int, names: Sequence[str], options: argparse.Namespace
) -> tuple[list[TableRow], list[str], list[str]]:
    """The rows of one schedule and minibatch size, the versions, and who was not timed and why."""
    recipe, images = task.recipe(schedule, m, options.width), random_images(max(50_000, m))
    failed: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder,
        contextlib.ExitStack() as stack,
    ):
        file, workers = Path(folder) / "task.npz", list[Remote]()
        task.write(file, recipe, images, CYCLE)
        for name in names:
            wanted = (file, schedule, m, options.width, os.cpu_count() or 1, options.device)
            try:
                workers.append(stack.enter_context(Remote(name, *wanted)))
            except RuntimeError as error:  # it has no GPU here
                failed.append(str(error))
        apart, wrong = differences(recipe, images, workers, Path(folder) / "theta.npy")
        right = [worker for worker in workers if worker.name in apart]
        timed = measure(
            {f"{what}|{w.name}": w.repeat(what) for what in ("drawn", "given") for w in right},
            rounds=options.rounds,
            at_least=options.at_least,
        )
        rows: list[TableRow] = []
        for key, one in timed.items():
            what, who = key.split("|")
            median, low, high, fastest, _ = one.milliseconds()
            first = next(1000 * w.first[what] for w in right if w.name == who)
            times = (median, low, high, fastest, first, m / one.median)
            rows.append((schedule, m, what, who, *times, CHECK, apart[who]))
        return rows, [worker.version for worker in workers], failed + wrong


if __name__ == "__main__":
    main()
