"""The table of imports, first update and checkpoints has a check in each row."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.bench import checks
from minigan.bench import start as module
from minigan.bench.start import PROCESSES, start_table
from minigan.training.runs import checkpoint


def test_each_process_and_both_directions_of_a_checkpoint_have_a_row() -> None:
    table = start_table(rounds=1, width=1 / 40, gradcheck=False)
    what = table.column("what")
    assert what == [*PROCESSES, "checkpoint, written and flushed", "checkpoint, read"]
    assert all(table.column("check"))
    assert table.column("max difference")[-2:] == [0.0, 0.0]
    speeds = table.column("speed")
    assert all(isinstance(speed, float) and speed > 0 for speed in speeds[-2:])


def test_a_checkpoint_that_is_not_read_back_exactly_is_not_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load = checkpoint.load
    monkeypatch.setattr(module, "PROCESSES", {})
    monkeypatch.setattr(
        checkpoint, "load", lambda file: {k: v + np.float32(1) for k, v in load(file).items()}
    )
    with pytest.raises(checks.WrongResult, match="a checkpoint, read again"):
        start_table(rounds=1, width=1 / 40, gradcheck=False)


def test_a_gradcheck_that_fails_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failed:
        passed = False

    monkeypatch.setattr(module, "PROCESSES", {})
    monkeypatch.setattr(module.selfcheck, "check_all", Failed)
    with pytest.raises(checks.WrongResult, match="gradcheck does not pass"):
        start_table(rounds=1, width=1 / 40, gradcheck=True)
