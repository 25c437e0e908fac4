"""Runs until a target: counted, recorded, not made twice, and a table of means and deviations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny

from minigan.data import sets
from minigan.errors import UserError
from minigan.finite import NotFiniteError
from minigan.reports import coordination as module
from minigan.reports.coordination import TASKS, Arrival, Coordination, Task, coordination
from minigan.reports.coordination_switches import SWITCHES, TASK_NAMES
from minigan.system.holding import held
from minigan.training.experiment import Experiment

SHORT = Task("short", "digits", "5 nats", lambda samples, data: True, 10, 2, 6)


@pytest.fixture
def tasks(monkeypatch):
    """One task on the tiny recipe, and the (recipe, seed) of each run that was made."""
    made = []

    def arrival(task, recipe, seed):
        made.append((recipe.prior.kind, seed))
        return (seed * 100, seed / 2) if seed < 3 else (None, 9.0)

    monkeypatch.setattr(module, "TASKS", (SHORT,))
    monkeypatch.setattr(module, "arrival", arrival)
    monkeypatch.setattr(
        module.recipes, "load", lambda name, changes: tiny.recipe(**dict(map(as_change, changes)))
    )
    return made


def as_change(text):
    name, _, value = text.partition("=")
    return name.replace(".", "__"), value


def test_runs_are_made_once_and_a_switch_that_changes_nothing_is_not_made_again(tasks, tmp_path):
    names = ["recipe", "z uniform", "z gaussian"]  # the tiny recipe has a uniform prior
    result = coordination(["short"], names, [1, 3], tmp_path, True)
    assert tasks == [("uniform", 1), ("uniform", 3), ("gaussian", 1), ("gaussian", 3)]
    assert [(run.switch, run.seed, run.iterations) for run in result.runs] == [
        *(("recipe", 1, 100), ("recipe", 3, None)),
        *(("z uniform", 1, 100), ("z uniform", 3, None)),
        *(("z gaussian", 1, 100), ("z gaussian", 3, None)),
    ]
    record = module.read(tmp_path / "coordination.json")
    assert record.runs == result.runs
    assert record.environment["minigan"]
    again = coordination(["short"], ["z gaussian"], [3, 2], tmp_path, True)
    assert tasks[4:] == [("gaussian", 2)]
    assert [run.seed for run in again.runs] == [3, 2]
    assert len(module.read(tmp_path / "coordination.json").runs) == 7


def test_a_switch_that_is_named_twice_counts_once(tasks, tmp_path):
    found = coordination(["short"], ["recipe", "recipe"], [1], tmp_path, quiet=True)
    assert len(found.runs) == len(tasks) == 1


def test_two_processes_do_not_write_the_same_record(tasks, tmp_path):
    with (
        held(tmp_path),
        pytest.raises(UserError, match=r"another process is making runs in .*: wait until it has"),
    ):
        coordination(["short"], ["recipe"], [1], tmp_path, quiet=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file is not a folder: name another one with --out"):
        coordination(["short"], ["recipe"], [1], tmp_path / "file", quiet=True)
    assert tasks == []  # no run is lost


def test_another_target_is_another_run(tasks, tmp_path, monkeypatch):
    coordination(["short"], ["recipe"], [1], tmp_path, True)
    monkeypatch.setattr(module, "TASKS", (replace(SHORT, target="6 nats"),))
    coordination(["short"], ["recipe"], [1], tmp_path, True)
    assert len(tasks) == 2


def test_a_file_that_is_no_record_is_refused(tmp_path):
    (tmp_path / "coordination.json").write_text('{"runs": [{}], "environment": {}}')
    with pytest.raises(UserError, match=r"coordination\.json is damaged: runs\[0\]"):
        coordination(["short"], ["recipe"], [1], tmp_path, True)


def test_a_run_ends_at_the_first_check_that_reaches_the_target():
    seen = []

    def reached(samples, data):
        seen.append(samples)
        return len(seen) == 2

    iterations, seconds = module.arrival(replace(SHORT, reached=reached), tiny.recipe(), 4)
    assert (iterations, len(seen)) == (4, 2)
    assert seconds > 0
    experiment = tiny.experiment(4)
    for t in range(4):
        experiment.iterate(t)
    np.testing.assert_array_equal(seen[1], experiment.samples(10))


def test_a_run_that_fails_has_no_iterations(monkeypatch):
    never = replace(SHORT, reached=lambda samples, data: False)
    assert module.arrival(never, tiny.recipe(), 1)[0] is None
    monkeypatch.setattr(Experiment, "samples", lambda self, count: np.full((1, 1), np.nan))
    assert module.arrival(SHORT, tiny.recipe(), 1)[0] is None

    def fail(self, t):
        raise NotFiniteError("V is nan")

    monkeypatch.setattr(Experiment, "iterate", fail)
    assert module.arrival(SHORT, tiny.recipe(), 1)[0] is None


def test_the_tasks_have_the_names_of_the_command_and_only_those_asked_for_are_done(tasks, tmp_path):
    assert tuple(task.name for task in TASKS) == TASK_NAMES
    assert coordination(["digits"], ["recipe"], [1], tmp_path, True).runs == ()
    assert tasks == []


def test_the_targets_are_all_modes_and_a_log_likelihood(monkeypatch):
    ring, digits = sets.load("ring"), sets.load("digits")
    assert module.all_modes(ring.test.all()[:1000], ring)
    one_less = ring.test.all()[:1000]
    assert not module.all_modes(one_less[one_less[:, 0] < 1.5], ring)
    assert module.likely(digits.train.all(), digits)
    assert not module.likely(np.zeros((10, 64), np.float32), digits)


def test_the_table_has_the_mean_and_the_deviation_of_the_runs_that_arrived(monkeypatch):
    monkeypatch.setattr(module, "TASKS", (replace(SHORT, limit=2000),))
    ends = ((1, 100, 1.0), (2, 300, 2.0), (3, None, 9.0))
    runs = [Arrival("short", "5 nats", "recipe", (), *end) for end in ends]
    runs += [Arrival("short", "5 nats", "noise", ("a=1",), 1, 50, 0.25)]
    runs += [Arrival("short", "5 nats", "slow", ("a=2",), 1, None, 1.0)]
    assert str(Coordination(tuple(runs), {})) == (
        "short: 5 nats, at most 2,000 iterations\n\n"
        "| switch | reached | iterations | seconds |\n|---|---|---|---|\n"
        "| recipe | 2 of 3 | 200 ± 141 | 1.5 ± 0.7 |\n"
        "| noise | 1 of 1 | 50 | 0.2 |\n| slow | 0 of 1 |  |  |"
    )


def test_the_page_has_the_tables_of_the_record():
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "coordination.md").read_text("utf-8")
    record = module.read(docs / "results" / "coordination" / "coordination.json")
    assert {run.task for run in record.runs} == set(TASK_NAMES)
    assert {run.switch for run in record.runs} == set(SWITCHES)
    assert str(record) in page
