"""The readers of minigan: for each kind of file, how it is damaged and which commands read it.

A command runs in a folder with a run `run`, a record in `records`, samples, pictures, a data set
and a Python file. OUT is the only new path that a command may write.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fuzz_idx
import numpy as np
import tiny
from PIL import Image
from runs_of import train

from hostile import damage
from minigan.bench.tables import Column, Measurements, Table
from minigan.data.catalogue import MNIST
from minigan.reports.table1 import record

OUT = "out"
RESUME = ("train", "--resume", "run", "--iterations", "7", "--quiet")
RECORD = ("reproduce", "record", "run", "--out", f"{OUT}.json", "--quiet")
MODEL = ("reproduce", "model", "run", "--out", OUT)
REPORT = ("report", "run", "--no-score", "--quiet", "--out", f"{OUT}.html")
SAMPLE = ("sample", "run", "--count", "3", "--out", f"{OUT}.png")
PARZEN = ("parzen", "run", "--count", "20", "--alone", "--quiet")
GRADCHECK = """
import numpy as np

def forward(x):
    return x * x

def backward(dy, x):
    return (2 * dy * x,)

def example():
    return (np.array([0.5, -1.5]),)
"""


@dataclass(frozen=True)
class Target:
    """A file that is damaged, and one command that reads it.

    `writes` is a folder that the command may change besides OUT.
    """

    file: str
    damage: Callable[[random.Random, bytes], bytes]
    command: tuple[str, ...]
    writes: str | None = None

    @property
    def name(self) -> str:
        """The command and the file."""
        return f"{' '.join(self.command[:2])}: {self.file}"


def _targets() -> list[Target]:
    found = []
    for command in (RESUME, SAMPLE, REPORT, MODEL, PARZEN, RECORD, ("figure", "3", "run")):
        more = ("--out", f"{OUT}.png") if command[0] == "figure" else ()
        writes = "run" if command == RESUME else None
        found.append(Target("run/environment.json", damage.of_json, (*command, *more), writes))
    for command in ((*RESUME, "--csv"), REPORT, RECORD):
        writes = "run" if command[0] == "train" else None
        found.append(Target("run/log.jsonl", damage.of_lines, command, writes))
    for command in (RESUME, SAMPLE, REPORT):
        writes = "run" if command == RESUME else None
        found.append(Target("run/checkpoint.npz", damage.of_arrays, command, writes))
    for command in (MODEL, RECORD, (*PARZEN, "--checkpoint", "best")):
        found.append(Target("run/best.npz", damage.of_arrays, command))
    for command in (SAMPLE, REPORT):
        found.append(Target("run/recipe.toml", damage.of_text, command))
    for command, writes in ((RESUME, "run"), (REPORT, None)):
        found.append(Target("run/samples/00000003.png", damage.of_bytes, command, writes))
    start, listing = ("train", "run/recipe.toml", "--iterations", "1"), ("data", "list")
    found.append(Target("run/recipe.toml", damage.of_text, (*start, "--quiet", "--out", OUT)))
    external = ("parzen", "--data", "digits", "--alone", "--quiet", "--samples")
    found += [
        Target("records/a.json", damage.of_json, ("reproduce", "table", "records")),
        Target("bench.json", damage.of_json, ("compare", "bench.json")),
        Target("samples.npy", damage.of_bytes, (*external, "samples.npy")),
        Target("samples.npz", damage.of_arrays, (*external, "samples.npz")),
        Target("pictures/03.png", damage.of_bytes, (*external, "pictures")),
        Target("pictures/04.gif", damage.of_bytes, (*external, "pictures")),
        Target(f"idx/{MNIST.test_labels.name}", damage.of_bytes, (*listing, "--data-dir", "idx")),
        Target("check.py", damage.of_bytes, ("gradcheck", "check.py")),
    ]
    return found


TARGETS = _targets()


def prepare(folder: Path) -> None:
    """Write all files of the targets, undamaged, to an empty folder."""
    log = {"every": 2, "save_every": 3, "keep_every": 3, "monitor": "parzen"}
    run = train(folder / "run", log=log).run.path
    (folder / "records").mkdir()
    record.write(record.record_of_run(run), folder / "records" / "a.json")
    record.write(record.record_of_run(run), folder / "records" / "b.json")
    columns = (Column("who", key=True), Column("median", "ms", ratio=True))
    table = Table("speed", "How fast", columns, (("a", 1.5), ("b", None)))
    (folder / "bench.json").write_text(Measurements("2026-01-02", {"x": 1}, (table,)).to_json())
    x = tiny.experiment().data.test.all()[:30]
    np.save(folder / "samples.npy", x)
    np.savez(folder / "samples.npz", samples=x)
    (folder / "pictures").mkdir()
    for i, image in enumerate((255 * x[:12]).astype(np.uint8).reshape(-1, 8, 8)):
        suffix = "gif" if i == 4 else "png"
        Image.fromarray(image).save(folder / "pictures" / f"{i:02}.{suffix}")
    (folder / "idx").mkdir()
    labels = np.zeros(10_000, np.uint8)
    for file in MNIST.files:
        (folder / "idx" / file.name).write_bytes(fuzz_idx.idx_bytes(labels))
    (folder / "check.py").write_text(GRADCHECK)
    (folder / "precious.txt").write_text("not an output")
