"""What comes before and beside the iterations: import, the first update, checkpoints, gradcheck.

An import or a first update is timed as a whole new process, in turn with one that does nothing;
the interpreter's own start is part of each.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from minigan import selfcheck
from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.setting import game, mnist_2014, random_images
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Timed, measure, repeated
from minigan.training.runs import checkpoint

PROCESSES = {
    "a process that does nothing": "pass",
    "import numpy": "import numpy",
    "import minigan": "import minigan",
    "import minigan.training.trainer": "import minigan.training.trainer",
    "first update of the recipe digits": (
        "from minigan.backends import open_backend; "
        "from minigan.training.experiment import Experiment; "
        "from minigan.training.recipes import load; "
        "Experiment.begin(load('digits'), 1, open_backend('cpu')).iterate(0)"
    ),
}
COLUMNS = (
    Column("what", key=True),
    *TIMES,
    Column("speed", "MB/s"),
    Column("check"),
    Column("max difference"),
)


def start(*, rounds: int, width: float, gradcheck: bool) -> Table:
    """The table; `gradcheck` (seconds) may be left out. Raises WrongResult."""
    timed = measure(
        {name: repeated(_process(code)) for name, code in PROCESSES.items()},
        rounds=rounds,
        at_least=0,
    )
    rows = [_row(name, one, None, "exit status 0", None) for name, one in timed.items()]
    rows += _checkpoint(rounds, width)
    if gradcheck:
        rows.append(_gradcheck())
    return Table("start", "Import, first update, checkpoints, gradient check", COLUMNS, tuple(rows))


def _process(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def _checkpoint(rounds: int, width: float) -> list[TableRow]:
    """Writing (flushed to the disk) and reading theta and v of both players."""
    played = game(mnist_2014("algorithm1", 1, width), random_images(1))
    state: dict[str, Array] = {}
    for name, player in (("g", played.player_g), ("d", played.player_d)):
        state |= {f"theta_{name}": player.theta.vector, f"v_{name}": player.state()["v"]}
    with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
        file = Path(folder) / "checkpoint.npz"
        checkpoint.save(file, state)
        read = checkpoint.load(file)
        apart = max(float(np.abs(read[name] - state[name]).max()) for name in state)
        difference = checks.require("a checkpoint, read again", apart, 0.0)
        size = file.stat().st_size
        timed = measure(
            {
                "checkpoint, written and flushed": repeated(lambda: checkpoint.save(file, state)),
                "checkpoint, read": repeated(lambda: checkpoint.load(file)),
            },
            rounds=rounds,
            at_least=0,
        )
    check = "read again, bit for bit"
    return [
        _row(name, one, size / one.median / 1e6, check, difference) for name, one in timed.items()
    ]


def _gradcheck() -> TableRow:
    """Every gradient of minigan, once."""
    reports = []
    repeat = repeated(lambda: reports.append(selfcheck.check_all()))
    timed = Timed(first=repeat(1), calls=1, seconds=(repeat(1),))
    if not all(report.passed for report in reports):
        raise checks.WrongResult("minigan gradcheck does not pass, so it is not timed")
    return _row("gradcheck of all of minigan", timed, None, "it passes", None)


def _row(what: str, timed: Timed, speed: float | None, check: str, apart: float | None) -> TableRow:
    return (what, *timed.milliseconds(), speed, check, apart)
