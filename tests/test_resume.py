"""A run that goes on is, bit for bit, the run that never stopped."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import tiny
from runs_of import QUIET, iteration_of, log_of, train
from threadpoolctl import threadpool_limits

from minigan import cli, recipes, training
from minigan.environment import environment
from minigan.errors import UserError
from minigan.recorder import Reporting
from minigan.runs import checkpoint

TOTAL = 24
SCHEDULES = {
    "algorithm1": {"training__schedule": "algorithm1", "training__k": 2},
    "simultaneous": {
        "training__schedule": "simultaneous",
        "training__k": 1,
        "discriminator__weight_of_V": 0.5,
        "data__order": "epochs",
        "training__m": 400,  # epochs of two minibatches: cuts fall inside and between them
    },
}


def begun(path, schedule, iterations):
    return train(path, training__iterations=iterations, **SCHEDULES[schedule])


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """For each schedule, a run of 24 iterations without a stop."""
    folder = tmp_path_factory.mktemp("straight")
    for schedule in SCHEDULES:
        begun(folder / schedule, schedule, TOTAL)
    return folder


def regular(path):
    """What may not depend on stops: states, and the sheets and log lines of regular iterations."""
    names = ["checkpoint.npz", "best.npz", "samples.png"]
    names += [f"samples/{t:08d}.png" for t in range(0, TOTAL + 1, 3)]
    lines = [
        {**line, "seconds": None}
        for line in log_of(path)
        if line["iteration"] % 2 == 0 or line["iteration"] % 3 == 0
    ]
    for line in lines:
        if line["iteration"] % 3:
            line.pop("validation_distance", None)
    return {name: (path / name).read_bytes() for name in names} | {"log": lines}


CUTS = sorted(np.random.default_rng(3).choice(np.arange(1, TOTAL), size=20, replace=False).tolist())


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("cut", CUTS)
def test_n_and_m_iterations_are_n_plus_m(tmp_path, straight, schedule, cut):
    begun(tmp_path / "run", schedule, cut)
    outcome = training.resume(tmp_path / "run", TOTAL, reporting=QUIET)
    assert (outcome.iterations, outcome.interrupted) == (TOTAL, False)
    assert regular(tmp_path / "run") == regular(straight / schedule)


def test_a_run_that_stops_at_every_iteration_is_still_the_same(tmp_path, straight):
    begun(tmp_path / "run", "algorithm1", 1)
    for iterations in range(2, TOTAL + 1):
        training.resume(tmp_path / "run", iterations, reporting=QUIET)
    assert regular(tmp_path / "run") == regular(straight / "algorithm1")


def test_the_game_changes_where_a_state_is_not_restored(tmp_path, straight, monkeypatch):
    begun(tmp_path / "run", "algorithm1", 7)
    monkeypatch.setattr("minigan.experiment.Experiment.restore", lambda self, state: None)
    training.resume(tmp_path / "run", TOTAL, reporting=QUIET)
    assert regular(tmp_path / "run") != regular(straight / "algorithm1")


def test_a_finished_run_has_nothing_left_and_is_judged_again(tmp_path):
    first = begun(tmp_path / "run", "algorithm1", 6)
    before = regular_bytes(tmp_path / "run")
    again = training.resume(tmp_path / "run", reporting=QUIET)
    assert (again.iterations, again.judgement) == (6, first.judgement)
    assert regular_bytes(tmp_path / "run") == before


def regular_bytes(path):
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name != "environment.json"
    }


def test_the_recipe_of_a_prolonged_run_has_the_new_length(tmp_path):
    begun(tmp_path / "run", "algorithm1", 4)
    training.resume(tmp_path / "run", 6, reporting=QUIET)
    assert recipes.load(str(tmp_path / "run" / "recipe.toml")).training.iterations == 6


def test_a_run_cannot_be_shortened(tmp_path):
    begun(tmp_path / "run", "algorithm1", 4)
    with pytest.raises(UserError, match="has 4 iterations already: --iterations must be more"):
        training.resume(tmp_path / "run", 3, reporting=QUIET)


def test_lines_of_the_log_after_the_checkpoint_are_made_again_and_a_torn_one_goes(tmp_path):
    begun(tmp_path / "run", "algorithm1", 6)
    log = tmp_path / "run" / "log.jsonl"
    log.write_text(log.read_text() + '{"iteration": 8, "seconds": 9.9}\n{"iterat')
    training.resume(tmp_path / "run", 8, reporting=QUIET)
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [2, 3, 4, 6, 8]
    assert "V" in log_of(tmp_path / "run")[-1]


def test_the_seconds_of_the_log_go_on(tmp_path):
    begun(tmp_path / "run", "algorithm1", 6)
    log = tmp_path / "run" / "log.jsonl"
    lines = log_of(tmp_path / "run")
    lines[-1]["seconds"] = 1000.0
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = training.resume(tmp_path / "run", 8, reporting=QUIET)
    assert 1000 < log_of(tmp_path / "run")[-1]["seconds"] < outcome.seconds < 1060


def test_the_best_of_before_is_remembered(tmp_path):
    begun(tmp_path / "run", "algorithm1", 6)
    path = tmp_path / "run" / "checkpoint.npz"
    checkpoint.save(path, checkpoint.load(path) | {"best": np.array([0.0, 3.0])})
    before = (tmp_path / "run" / "best.npz").read_bytes()
    training.resume(tmp_path / "run", 12, reporting=QUIET)
    assert (tmp_path / "run" / "best.npz").read_bytes() == before
    assert checkpoint.load(path)["best"].tolist() == [0.0, 3.0]


def test_each_resumption_is_recorded_with_its_surroundings(tmp_path):
    begun(tmp_path / "run", "algorithm1", 2)
    before = json.loads((tmp_path / "run" / "environment.json").read_text())
    for iterations in (4, 6):
        training.resume(tmp_path / "run", iterations, reporting=QUIET)
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    resumed = facts.pop("resumed")
    assert facts == before
    assert [entry.pop("iteration") for entry in resumed] == [2, 4]
    with threadpool_limits(1, user_api="blas"):  # as in the recipe of the run
        assert resumed == [{"device": "cpu", **environment()}] * 2


def altered(path, **facts):
    file = path / "environment.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def test_another_kernel_or_thread_count_is_said(tmp_path, capsys):
    begun(tmp_path / "run", "algorithm1", 2)
    with threadpool_limits(1, user_api="blas"):
        pool = environment()["blas"][0]
    altered(tmp_path / "run", numpy="2.0.0", blas=[{**pool, "kernel": "Haswell", "threads": 7}])
    training.resume(tmp_path / "run", 4, reporting=Reporting())
    err = capsys.readouterr().err
    assert f"not as before: numpy was 2.0.0 and is {np.__version__}; the last digits may" in err
    assert re.search(r"not as before: blas was .*kernel Haswell, 7 threads and is .*1 threads", err)
    training.resume(tmp_path / "run", 6, reporting=Reporting())  # as at the last resumption
    assert "not as before" not in capsys.readouterr().err


def spoil(path, **arrays):
    checkpoint.save(path, checkpoint.load(path) | arrays)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"identity": np.zeros(16, np.uint8)}, "is that of another recipe or seed"),
        ({"theta_g": np.zeros(3, np.float32)}, "does not fit the networks"),
        ({"iteration": np.array(-1)}, "does not say at which iteration"),
        ({"iteration": np.array([1, 2])}, "does not say at which iteration"),
        ({"iteration": np.array("x")}, "does not say at which iteration"),
        ({"best": np.array(1.0)}, "does not say which state was the best"),
        ({"best": np.array(["a", "b"])}, "does not say which state was the best"),
    ],
)
def test_a_checkpoint_that_does_not_belong_to_the_run_is_refused(tmp_path, arrays, words):
    begun(tmp_path / "run", "algorithm1", 2)
    spoil(tmp_path / "run" / "checkpoint.npz", **arrays)
    before = regular_bytes(tmp_path / "run")
    with pytest.raises(UserError, match=words):
        training.resume(tmp_path / "run", 4, reporting=QUIET)
    assert regular_bytes(tmp_path / "run") == before


def test_another_recipe_in_the_folder_is_refused(tmp_path):
    begun(tmp_path / "run", "algorithm1", 2)
    other = recipes.to_toml(tiny.recipe(optimizer__rate=0.3))
    (tmp_path / "run" / "recipe.toml").write_text(other)
    with pytest.raises(UserError, match="is that of another recipe or seed"):
        training.resume(tmp_path / "run", 4, reporting=QUIET)


def test_another_seed_in_the_folder_is_refused(tmp_path):
    begun(tmp_path / "run", "algorithm1", 2)
    altered(tmp_path / "run", seed=2)
    with pytest.raises(UserError, match="is that of another recipe or seed"):
        training.resume(tmp_path / "run", 4, reporting=QUIET)


def test_other_examples_are_refused(tmp_path):
    begun(tmp_path / "run", "algorithm1", 2)
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    altered(tmp_path / "run", data=facts["data"] | {"digest": "0" * 32})
    with pytest.raises(UserError, match=r"the examples are not those that .* was begun with"):
        training.resume(tmp_path / "run", 4, reporting=QUIET)


def test_a_damaged_last_checkpoint_is_refused_with_the_others_that_are_there(tmp_path):
    train(tmp_path / "run", log__keep_every=3)
    (tmp_path / "run" / "checkpoint.npz").write_bytes(b"x")
    with pytest.raises(UserError, match=r"is damaged, .*; there are also: best, 3, 6$"):
        training.resume(tmp_path / "run", 9, reporting=QUIET)


def test_a_kept_checkpoint_put_in_place_of_a_damaged_one_goes_on(tmp_path):
    straight = train(tmp_path / "straight", training__iterations=9)
    run = tmp_path / "run"
    train(run, log__keep_every=3)
    kept = (run / "checkpoints" / "00000003.npz").read_bytes()
    (run / "checkpoint.npz").write_bytes(kept)
    training.resume(run, 9, reporting=QUIET)
    assert (run / "checkpoint.npz").read_bytes() == (
        straight.run.path / "checkpoint.npz"
    ).read_bytes()
    assert iteration_of(run) == 9


@pytest.mark.parametrize(
    "option", [["digits"], ["--set", "training.m=3"], ["--seed", "1"], ["--out", "x"]]
)
def test_what_a_run_was_begun_with_cannot_be_changed(tmp_path, capsys, option):
    begun(tmp_path / "run", "algorithm1", 2)
    assert cli.main(["train", "--resume", str(tmp_path / "run"), *option]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"minigan: --resume goes on with what {tmp_path / 'run'} was begun with")


def test_the_command_goes_on(tmp_path, capsys):
    begun(tmp_path / "run", "algorithm1", 2)
    command = ["train", "--resume", str(tmp_path / "run"), "--iterations", "4", "--quiet"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out.startswith("4 iterations in ")
    assert iteration_of(tmp_path / "run") == 4
