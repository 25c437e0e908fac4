"""The times of everything but the iterations: imports, first update, checkpoints, gradcheck.

An import or a first update is timed as a whole new process, in turn with a process that does
nothing. Each time includes the start of the interpreter.
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
from minigan.bench.setting import mnist_2014, new_game, random_images
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Timed, measure, timer
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
    Column("what", key=True, narrow=True),
    *TIMES,
    Column("speed", "MB/s", narrow=True),
    Column("check"),
    Column("max difference"),
)


def start_table(*, rounds: int, width: float, gradcheck: bool) -> Table:
    """The table of these times; `gradcheck`: also time the gradient check, which takes seconds.

    Raises WrongResult if a checkpoint is not read back exactly or the gradient check fails.
    """
    timed = measure(
        {name: timer(_process(code)) for name, code in PROCESSES.items()},
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
    """Rows for writing (flushed to the disk) and reading theta and v of both players."""
    game = new_game(mnist_2014("algorithm1", 1, width), random_images(1))
    state: dict[str, Array] = {}
    for name, player in (("g", game.player_g), ("d", game.player_d)):
        state |= {f"theta_{name}": player.theta.vector, f"v_{name}": player.state()["v"]}
    with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
        file = Path(folder) / "checkpoint.npz"
        checkpoint.save(file, state)
        read = checkpoint.load(file)
        largest = max(float(np.abs(read[name] - state[name]).max()) for name in state)
        difference = checks.require("a checkpoint, read again", largest, 0.0)
        size = file.stat().st_size
        timed = measure(
            {
                "checkpoint, written and flushed": timer(lambda: checkpoint.save(file, state)),
                "checkpoint, read": timer(lambda: checkpoint.load(file)),
            },
            rounds=rounds,
            at_least=0,
        )
    check = "read again, bit for bit"
    return [
        _row(name, one, size / one.median / 1e6, check, difference) for name, one in timed.items()
    ]


def _gradcheck() -> TableRow:
    """The row of the gradient check of everything: one first call, one timed call."""
    reports = []
    time_calls = timer(lambda: reports.append(selfcheck.check_all()))
    timed = Timed(first=time_calls(1), calls=1, seconds=(time_calls(1),))
    if not all(report.passed for report in reports):
        raise checks.WrongResult("minigan gradcheck does not pass, so it is not timed")
    return _row("gradcheck of all of minigan", timed, None, "it passes", None)


def _row(
    what: str, timed: Timed, speed: float | None, check: str, difference: float | None
) -> TableRow:
    return (what, *timed.milliseconds(), speed, check, difference)
