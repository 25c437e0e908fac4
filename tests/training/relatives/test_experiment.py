"""Runs of a DBN, CAE and GSN: resumed with the same bits, logged, and refused where impossible."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tiny_relative
from runs_of import QUIET, dumped, log_of

from minigan.errors import UserError
from minigan.finite import NotFiniteError
from minigan.objectives import minimax
from minigan.reports.html import history
from minigan.training import trainer
from minigan.training.experiment import Experiment
from minigan.training.parts import Parts
from minigan.training.recorder import Reporting
from minigan.training.relatives.experiment import RelativeExperiment
from minigan.training.runs import checkpoint

RUNS = [*((kind, {}) for kind in tiny_relative.KINDS), ("dbn", tiny_relative.PCD)]


def train(path: Path, kind: str, seed: int = 1, **changes):
    return trainer.train(tiny_relative.recipe(kind, **changes), seed, out=path, reporting=QUIET)


@pytest.mark.parametrize(("kind", "changes"), RUNS)
def test_a_resumed_run_has_the_bytes_of_one_without_a_stop(kind, changes, tmp_path) -> None:
    """It is stopped within the lower layer, and where the upper one begins."""
    whole = train(tmp_path / "whole", kind, training__iterations=8, **changes)
    recipe = tiny_relative.recipe(kind, training__iterations=8, **changes)
    experiment = RelativeExperiment.begin(recipe, 1)
    run = trainer.RunDirectory.create("run", tmp_path / "run")
    run.write_recipe(recipe)
    run.write_environment(json.loads((whole.run.path / "environment.json").read_text()))
    recorder = trainer.Recorder(experiment, run, QUIET)
    with recorder:
        recorder.save(0)
    for stop in (2, 3, 5, 8):
        trainer.resume(run.path, stop, reporting=QUIET)
    expected, found = dumped(whole.run.path), dumped(run.path)
    for name in ("checkpoint.npz", "best.npz"):
        assert found[name] == expected[name]
    assert set(checkpoint.load(whole.run.path / "checkpoint.npz")) >= {"theta_0", "v_0", "updates"}


@pytest.mark.parametrize("kind", tiny_relative.KINDS)
def test_a_run_leaves_the_files_of_a_gan_and_another_seed_other_numbers(kind, tmp_path) -> None:
    result = train(tmp_path / "run", kind)
    names = {path.name for path in result.run.path.iterdir()}
    assert names == {
        *("recipe.toml", "environment.json", "log.jsonl", "samples", "samples.png"),
        *("animation.png", "checkpoint.npz", "best.npz"),
    }
    again = train(tmp_path / "again", kind)
    other = train(tmp_path / "other", kind, seed=2)
    theta, same, different = (
        checkpoint.load(one.run.path / "checkpoint.npz")["theta_0"]
        for one in (result, again, other)
    )
    assert np.array_equal(theta, same)
    assert not np.array_equal(theta, different)


def test_a_stack_is_monitored_from_its_top_layer_on(tmp_path) -> None:
    changes = {"log__save_every": 1, "log__every": 1}
    lines = log_of(train(tmp_path / "run", "cae", **changes).run.path)
    assert [line["layer"] for line in lines] == [1, 1, 1, 2, 2, 2]
    assert ["validation_distance" in line for line in lines] == [False] * 3 + [True] * 3
    # Each layer has schedules of its own: rate / 1.01^t.
    assert [line["eta"] for line in lines] == pytest.approx(2 * [0.1, 0.1 / 1.01, 0.1 / 1.01**2])
    assert all(line["loss"] > 0 for line in lines)
    lines = log_of(train(tmp_path / "gsn", "gsn", **changes).run.path)
    assert all("validation_distance" in line for line in lines)


def test_the_log_of_an_older_version_numbers_its_only_layer_and_is_continued(tmp_path) -> None:
    path = train(tmp_path / "gsn", "gsn").run.path
    lines = log_of(path)
    assert not any("layer" in line for line in lines)
    old = [{"iteration": line["iteration"], "layer": 1, **line} for line in lines]
    (path / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in old))
    trainer.resume(path, 8, reporting=Reporting(quiet=True, csv=True))
    assert ["layer" in line for line in log_of(path)] == [True] * len(old) + [False]
    rows = list(csv.DictReader((path / "log.csv").read_text().splitlines()))
    assert [row["layer"] for row in rows] == ["1"] * len(old) + [""]
    assert [history.read(path).done, history.read(path).damaged] == [8, {}]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("dbn", "layer 1's W"), ("cae", "layer 1's W"), ("gsn", "the GSN's W_1")],
)
def test_a_gradient_that_is_not_finite_stops_before_the_update(kind, sentence) -> None:
    experiment = tiny_relative.experiment(kind)
    experiment.iterate(0)
    player = experiment.model.players[0]
    player.theta.vector[0] = np.nan
    with pytest.raises(NotFiniteError, match=f"^the gradient of {sentence} is not finite$"):
        experiment.iterate(1)
    assert player.updates == 1
    assert next(name for name, _ in experiment.tensors()) == "theta_0"


def test_chains_can_be_longer_than_in_training_but_not_other_settings() -> None:
    plain = tiny_relative.experiment("cae").identity
    for same in ({"model__chain_steps": 9}, {"model__chain_sigma": 0.1}):
        assert np.array_equal(tiny_relative.experiment("cae", **same).identity, plain)
    for other in ({"model__contraction": 0.2}, {"optimizer__rate": 0.2}, {"seed": 2}):
        assert not np.array_equal(tiny_relative.experiment("cae", **other).identity, plain)


def test_devices_ranks_parts_and_large_minibatches_are_refused() -> None:
    recipe, begin = tiny_relative.recipe("dbn"), RelativeExperiment.begin
    what = "the deep belief network of tiny-dbn"
    with pytest.raises(UserError, match=f"{what} is trained on the CPU only: use --device cpu"):
        begin(recipe, 1, device="cuda:1")
    with pytest.raises(UserError, match=f"{what} has no parts to replace: leave out the custom"):
        begin(recipe, 1, parts=Parts(objective=minimax))
    with pytest.raises(UserError, match=r"training\.m = 2000 is more than the 1197 training examp"):
        tiny_relative.experiment("dbn", training__m=2000)


def test_several_ranks_are_refused() -> None:
    class Two:
        size = 2

    with pytest.raises(UserError, match="is trained in one process: start it without mpiexec"):
        RelativeExperiment.begin(tiny_relative.recipe("gsn"), 1, ranks=Two())


def test_a_long_run_is_announced_and_a_short_one_is_not() -> None:
    assert tiny_relative.experiment("gsn").announcement() is None
    long = tiny_relative.experiment("gsn", model__hidden=[200, 200], training__iterations=10**8)
    assert long.announcement().startswith("0.1 million parameters, ")


def test_the_trainer_finds_what_it_needs_in_both_kinds_of_experiments() -> None:
    members = ("iterate", "samples", "state", "restore", "identity", "tensors", "announcement")
    for name in (*members, "complete"):
        assert hasattr(Experiment, name)
        assert hasattr(RelativeExperiment, name)
