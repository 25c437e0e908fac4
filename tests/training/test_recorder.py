"""The outputs of a run: log, CSV, TensorBoard, events, and the best and kept checkpoints."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import tiny
from runs_of import log_of, train

from minigan.evaluation.protocol import choose
from minigan.evaluation.quality import validation_distance
from minigan.training import collapse, trainer
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint
from minigan.training.stopping import TrainingStopped


def monitored(iterations, **changes):
    """The distance after every third iteration, computed without a recorder."""
    game, values = tiny.experiment(**changes), {}
    for t in range(1, iterations + 1):
        game.iterate(t - 1)
        if t % 3 == 0:
            values[t] = validation_distance(game.samples(1000), game.data)
    return values


def test_the_best_checkpoint_is_that_with_the_smallest_distance(tmp_path):
    train(tmp_path / "run", training__iterations=30, optimizer__rate=0.5)
    values = monitored(30, optimizer__rate=0.5)
    best = min(values, key=values.get)
    assert 3 < best < 30  # otherwise the first or the last state would pass, too
    saved = checkpoint.load(tmp_path / "run" / "best.npz")
    assert int(saved["iteration"]) == best
    last = checkpoint.load(tmp_path / "run" / "checkpoint.npz")
    assert last["best"].tolist() == saved["best"].tolist() == [values[best], best]
    logged = {
        line["iteration"]: line["validation_distance"]
        for line in log_of(tmp_path / "run")
        if "validation_distance" in line
    }
    assert logged == values


def test_the_parzen_monitor_keeps_the_state_with_the_largest_log_likelihood(tmp_path):
    changes = {"log__monitor": "parzen", "optimizer__rate": 0.5, "training__iterations": 30}
    train(tmp_path / "run", seed=3, **changes)
    game, values = tiny.experiment(seed=3, **changes), {}
    for t in range(1, 31):
        game.iterate(t - 1)
        if t % 3 == 0:
            choice = choose(game.samples(10_000), game.data.validation.all())
            values[t] = (choice.LL, choice.sigma)
    best = max(values, key=values.get)
    assert 3 < best < 30  # otherwise the first or the last state would pass, too
    assert checkpoint.load(tmp_path / "run" / "best.npz")["best"].tolist() == [
        -values[best][0],
        best,
    ]
    logged = {
        line["iteration"]: (line["validation_LL"], line["sigma"])
        for line in log_of(tmp_path / "run")
        if "sigma" in line
    }
    assert logged == values


def test_without_a_monitor_there_is_no_best(tmp_path):
    train(tmp_path / "run", log__monitor="none")
    assert not (tmp_path / "run" / "best.npz").exists()
    assert all("validation_distance" not in line for line in log_of(tmp_path / "run"))


def test_an_end_between_two_saves_is_saved_and_never_the_best(tmp_path):
    train(tmp_path / "run", training__iterations=4)
    assert checkpoint.load(tmp_path / "run" / "best.npz")["iteration"] == 3
    assert checkpoint.load(tmp_path / "run" / "checkpoint.npz")["iteration"] == 4
    assert "validation_distance" not in log_of(tmp_path / "run")[-1]


def test_checkpoints_are_kept_every_keep_every_iterations(tmp_path):
    train(tmp_path / "run", training__iterations=10, log__keep_every=6)
    kept = sorted((tmp_path / "run" / "checkpoints").iterdir())
    assert [file.name for file in kept] == ["00000006.npz"]
    game = tiny.experiment()
    for t in range(6):
        game.iterate(t)
    for name, array in game.state().items():
        np.testing.assert_array_equal(checkpoint.load(kept[0])[name], array)


def test_by_default_no_checkpoint_is_kept(tmp_path):
    train(tmp_path / "run")
    assert not (tmp_path / "run" / "checkpoints").exists()


def rows_of(path):
    with (path / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_csv_holds_the_log_number_by_number(tmp_path):
    train(tmp_path / "run", reporting=Reporting(quiet=True, csv=True))
    rows, lines = rows_of(tmp_path / "run"), log_of(tmp_path / "run")
    assert len(rows) == len(lines) == 4
    for row, line in zip(rows, lines, strict=True):
        assert {name: float(text) for name, text in row.items() if text} == line


def test_the_log_has_the_penalty_of_the_last_step_on_D_if_there_is_one(tmp_path):
    changes = {"discriminator__penalty": "R1", "discriminator__penalty_weight": 3.0}
    train(tmp_path / "run", reporting=Reporting(quiet=True, csv=True), **changes)
    train(tmp_path / "without", reporting=Reporting(quiet=True, csv=True))
    begun, found = tiny.experiment(**changes), {}
    for t in range(6):
        begun.iterate(t)
        found[t + 1] = float(begun.game.P)
    for line, row in zip(log_of(tmp_path / "run"), rows_of(tmp_path / "run"), strict=True):
        assert line["penalty"] == float(row["penalty"]) == found[line["iteration"]] > 0
    assert "penalty" not in rows_of(tmp_path / "without")[0]
    assert "penalty" not in log_of(tmp_path / "without")[0]


def test_a_csv_that_starts_with_a_resumption_has_the_earlier_lines(tmp_path):
    train(tmp_path / "run")
    (tmp_path / "run" / "log.csv").write_text("torn")
    trainer.resume(tmp_path / "run", 8, reporting=Reporting(quiet=True, csv=True))
    rows = rows_of(tmp_path / "run")
    assert [int(row["iteration"]) for row in rows] == [2, 3, 4, 6, 8]
    assert rows[-1].keys() == rows[0].keys()


def test_tensorboard_gets_every_line_and_a_second_file_at_a_resumption(tmp_path):
    reporting = Reporting(quiet=True, tensorboard=True)
    train(tmp_path / "run", reporting=reporting)
    assert len(list((tmp_path / "run" / "tensorboard").iterdir())) == 1
    trainer.resume(tmp_path / "run", 8, reporting=reporting)
    first, second = sorted((tmp_path / "run" / "tensorboard").iterdir())
    for name in (b"V", b"loss_g", b"validation_distance", b"eta"):
        assert name in first.read_bytes()
    assert b"loss_g" in second.read_bytes()


def test_without_tensorboardx_there_is_an_error_and_no_folder(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorboardX.proto.event_pb2", None)
    with pytest.raises(ValueError, match=r"needs tensorboardX: .* -m pip install tensorboardX"):
        train(tmp_path / "run", reporting=Reporting(quiet=True, tensorboard=True))
    assert list(tmp_path.iterdir()) == []


def test_there_is_an_event_for_each_log_line_and_each_checkpoint(tmp_path, capsys):
    result = train(tmp_path / "run", reporting=Reporting(quiet=True, json=True))
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [(event["event"], event.get("iteration")) for event in events]
    assert names == [
        ("begin", 0), ("checkpoint", 0), ("log", 2), ("log", 3), ("checkpoint", 3), ("log", 4),
        ("log", 6), ("checkpoint", 6), ("end", 6),
    ]  # fmt: skip
    contents = [{k: v for k, v in event.items() if k != "event"} for event in events]
    assert [line for line in contents if "eta" in line] == log_of(tmp_path / "run")
    assert events[-1]["judgement"] == str(result.quality)
    assert events[-1]["interrupted"] is False


def test_the_event_of_a_checkpoint_comes_after_the_file_is_complete(tmp_path, monkeypatch, capsys):
    save, seen = checkpoint.save, []

    def watched(path, arrays):
        if path.name == "checkpoint.npz":
            out = capsys.readouterr().out
            seen.append('"checkpoint", "iteration": ' + str(int(arrays["iteration"])) in out)
        save(path, arrays)

    monkeypatch.setattr(checkpoint, "save", watched)
    train(tmp_path / "run", reporting=Reporting(quiet=True, json=True))
    assert seen == [False] * 3


def test_the_collapse_metrics_are_logged_at_regular_saves(tmp_path):
    train(tmp_path / "run", training__iterations=7, log__monitor="none")
    game, expected = tiny.experiment(), {}
    for t in range(1, 8):
        game.iterate(t - 1)
        if t % 3 == 0:
            watch = collapse.Watch(game.recipe, game.data)
            expected[t] = {**watch.measured(game.samples(1000)), "collapsed": 0}
    lines = {line["iteration"]: line for line in log_of(tmp_path / "run")}
    assert sorted(expected) == [t for t, line in lines.items() if "collapsed" in line] == [3, 6]
    for t, seen in expected.items():
        assert {name: lines[t][name] for name in seen} == seen
        assert 0 < lines[t]["diversity"] < 2


@pytest.fixture
def diversities(monkeypatch):
    """The test puts the diversity of each save into this list; training is never warming up."""
    values = []
    monkeypatch.setattr(collapse, "UPDATES", 0)
    monkeypatch.setattr(collapse, "EPOCHS", 0)
    monkeypatch.setattr(
        collapse.Watch, "measured", lambda self, samples: {"diversity": values.pop(0)}
    )
    return values


def warnings_in(text):
    events = [json.loads(line) for line in text.splitlines()]
    return [event["iteration"] for event in events if event["event"] == "warning"]


def test_a_collapse_is_reported_when_it_begins_and_whenever_it_begins_again(
    tmp_path, capsys, diversities
):
    diversities[:] = [1, 0.1, 0.1, 1, 0.2, 0.2]  # the last is for the result at the end
    result = train(tmp_path / "run", training__iterations=15, reporting=Reporting(json=True))
    out, err = capsys.readouterr()
    assert warnings_in(out) == [6, 15]
    assert [line["collapsed"] for line in log_of(tmp_path / "run") if "collapsed" in line] == [
        *(0, 1, 1, 0, 1),
    ]
    assert err.count("warning: after ") == 2
    assert "warning: after 6 iterations, the samples are 0.10 times as varied as real" in err
    best = int(checkpoint.load(tmp_path / "run" / "best.npz")["iteration"])
    assert f"(--set optimizer.rate=0.05); best.npz is the state of iteration {best}\n" in err
    assert result.warning.startswith("after 15 iterations, the samples are 0.20 times as varied")
    assert json.loads(out.splitlines()[-1])["warning"] == result.warning


def test_a_collapse_that_has_ended_is_not_in_the_result(tmp_path, diversities):
    diversities[:] = [0.1, 1, 1]
    assert train(tmp_path / "run").warning is None


def test_a_resumed_run_does_not_report_a_continuing_collapse_again(tmp_path, capsys, diversities):
    diversities[:] = [1, 0.1, 0.1]
    train(tmp_path / "run", training__iterations=6)
    diversities[:] = [0.1, 1, 1]
    trainer.resume(tmp_path / "run", 12, reporting=Reporting(quiet=True, json=True))
    assert warnings_in(capsys.readouterr().out) == []
    diversities[:] = [0.1, 0.1]
    trainer.resume(tmp_path / "run", 15, reporting=Reporting(quiet=True, json=True))
    assert warnings_in(capsys.readouterr().out) == [15]


def test_without_a_best_state_the_warning_names_none(tmp_path, capsys, diversities):
    diversities[:] = [0.1, 0.1, 0.1]
    train(tmp_path / "run", log__monitor="none", reporting=Reporting())
    assert "best.npz" not in capsys.readouterr().err


def test_samples_that_are_not_finite_stop_the_run_also_without_a_monitor(tmp_path, monkeypatch):
    samples = tiny.Experiment.samples
    monkeypatch.setattr(tiny.Experiment, "samples", lambda self, n: samples(self, n) * np.nan)
    with pytest.raises(TrainingStopped, match="the samples are not finite; the last"):
        train(tmp_path / "run", log__monitor="none")
