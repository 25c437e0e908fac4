"""A resumed run is bit-identical to a run without a stop."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import QUIET, iteration_of, log_of, train
from threadpoolctl import threadpool_limits

from minigan import cli
from minigan.errors import UserError
from minigan.system.environment import environment
from minigan.system.holding import held
from minigan.training import collapse, recipes, trainer
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint

TOTAL = 24
UPDATE_ORDERS = {
    "algorithm1": {"training__schedule": "algorithm1", "training__k": 2},
    "simultaneous": {
        "training__schedule": "simultaneous",
        "training__k": 1,
        "discriminator__weight_of_V": 0.5,
        "data__order": "epochs",
        "training__m": 400,  # epochs of two minibatches: cuts are inside and between them
    },
    "collapsing": {"training__g_steps": 3, "data__set": "ring", "generator__output": "linear"},
    "averaged": {
        "generator__average_keep": 0.7,
        "generator__average_every": 2,
        "log__monitor": "parzen",
    },
    "conditional": tiny.CONDITIONAL,
    "completing": tiny.COMPLETING | tiny.LAZY,
    "penalised": {
        "generator__objective": "wasserstein",
        "discriminator__penalty": "WGANGP",
        "discriminator__penalty_weight": 0.1,
        "discriminator__clip": 0.2,
    },
    "pairs": {
        "generator__objective": "relativistic",
        "discriminator__penalty": "R1R2",
        "discriminator__penalty_weight": 0.1,
        "discriminator__penalty_divisor": 1.2,
        "training__g_steps": 2,
    },
    "convolutional": tiny.DECONVOLUTION | tiny.CONVOLUTION,
}


def started(path, order, iterations):
    return train(path, training__iterations=iterations, **UPDATE_ORDERS[order])


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """For each update order, a run of 24 iterations without a stop."""
    folder = tmp_path_factory.mktemp("straight")
    for order in UPDATE_ORDERS:
        started(folder / order, order, TOTAL)
    return folder


def regular(path):
    """Everything that must not depend on stops: states, regular sheets and regular log lines."""
    names = ["checkpoint.npz", "best.npz", "samples.png"]
    names += [f"samples/{t:08d}.png" for t in range(0, TOTAL + 1, 3)]
    lines = [
        {**line, "seconds": None}
        for line in log_of(path)
        if line["iteration"] % 2 == 0 or line["iteration"] % 3 == 0
    ]
    for line in lines:
        if line["iteration"] % 3:
            for monitored in ("validation_distance", "validation_LL", "sigma", *collapse.FIELDS):
                line.pop(monitored, None)
    return {name: (path / name).read_bytes() for name in names} | {"log": lines}


CUTS = sorted(np.random.default_rng(3).choice(np.arange(1, TOTAL), size=20, replace=False).tolist())


@pytest.mark.parametrize("order", UPDATE_ORDERS)
@pytest.mark.parametrize("cut", CUTS)
def test_n_and_m_iterations_are_n_plus_m(tmp_path, straight, order, cut):
    started(tmp_path / "run", order, cut)
    result = trainer.resume(tmp_path / "run", TOTAL, reporting=QUIET)
    assert (result.iterations, result.iterations_run) == (TOTAL, TOTAL - cut)
    assert not result.interrupted
    assert regular(tmp_path / "run") == regular(straight / order)


def test_a_run_that_stops_after_every_iteration_is_the_same(tmp_path, straight):
    started(tmp_path / "run", "algorithm1", 1)
    for iterations in range(2, TOTAL + 1):
        trainer.resume(tmp_path / "run", iterations, reporting=QUIET)
    assert regular(tmp_path / "run") == regular(straight / "algorithm1")


def test_without_restoring_the_state_the_run_differs(tmp_path, straight, monkeypatch):
    started(tmp_path / "run", "algorithm1", 7)
    monkeypatch.setattr("minigan.training.experiment.Experiment.restore", lambda self, state: None)
    trainer.resume(tmp_path / "run", TOTAL, reporting=QUIET)
    assert regular(tmp_path / "run") != regular(straight / "algorithm1")


def test_a_finished_run_has_no_iterations_left_and_is_assessed_again(tmp_path):
    first = started(tmp_path / "run", "algorithm1", 6)
    before = regular_bytes(tmp_path / "run")
    again = trainer.resume(tmp_path / "run", reporting=QUIET)
    assert (again.iterations, again.iterations_run) == (6, 0)
    assert again.quality == first.quality
    assert regular_bytes(tmp_path / "run") == before


def regular_bytes(path):
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name != "environment.json"
    }


def test_the_recipe_of_an_extended_run_has_the_new_number_of_iterations(tmp_path):
    started(tmp_path / "run", "algorithm1", 4)
    trainer.resume(tmp_path / "run", 6, reporting=QUIET)
    assert recipes.load(str(tmp_path / "run" / "recipe.toml")).training.iterations == 6


def test_a_run_cannot_be_shortened(tmp_path):
    started(tmp_path / "run", "algorithm1", 4)
    with pytest.raises(UserError, match="already has 4 iterations: --iterations must be at least"):
        trainer.resume(tmp_path / "run", 3, reporting=QUIET)


def test_log_lines_after_the_checkpoint_are_replaced_and_an_incomplete_one_removed(tmp_path):
    started(tmp_path / "run", "algorithm1", 6)
    log = tmp_path / "run" / "log.jsonl"
    log.write_text(log.read_text() + '{"iteration": 8, "seconds": 9.9}\n{"iterat')
    trainer.resume(tmp_path / "run", 8, reporting=QUIET)
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [2, 3, 4, 6, 8]
    assert "V" in log_of(tmp_path / "run")[-1]


def test_the_seconds_of_the_log_continue(tmp_path):
    started(tmp_path / "run", "algorithm1", 6)
    log = tmp_path / "run" / "log.jsonl"
    lines = log_of(tmp_path / "run")
    lines[-1]["seconds"] = 1000.0
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = trainer.resume(tmp_path / "run", 8, reporting=QUIET)
    assert 1000 < log_of(tmp_path / "run")[-1]["seconds"] < result.seconds < 1060


def test_the_best_state_of_the_first_part_is_kept(tmp_path):
    started(tmp_path / "run", "algorithm1", 6)
    path = tmp_path / "run" / "checkpoint.npz"
    checkpoint.save(path, checkpoint.load(path) | {"best": np.array([0.0, 3.0])})
    before = (tmp_path / "run" / "best.npz").read_bytes()
    trainer.resume(tmp_path / "run", 12, reporting=QUIET)
    assert (tmp_path / "run" / "best.npz").read_bytes() == before
    assert checkpoint.load(path)["best"].tolist() == [0.0, 3.0]


def test_each_resumption_is_recorded_with_its_environment(tmp_path):
    started(tmp_path / "run", "algorithm1", 2)
    before = json.loads((tmp_path / "run" / "environment.json").read_text())
    for iterations in (4, 6):
        trainer.resume(tmp_path / "run", iterations, reporting=QUIET)
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    resumed = facts.pop("resumed")
    assert facts == before
    assert [entry.pop("iteration") for entry in resumed] == [2, 4]
    with threadpool_limits(1, user_api="blas"):  # as in the recipe of the run
        assert resumed == [{"device": "cpu", **environment()}] * 2


def altered(path, **facts):
    file = path / "environment.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def test_another_kernel_or_thread_count_is_reported(tmp_path, capsys):
    started(tmp_path / "run", "algorithm1", 2)
    with threadpool_limits(1, user_api="blas"):
        pool = environment()["blas"][0]
    altered(tmp_path / "run", numpy="2.0.0", blas=[{**pool, "kernel": "Haswell", "threads": 7}])
    trainer.resume(tmp_path / "run", 4, reporting=Reporting())
    err = capsys.readouterr().err
    changed = "warning: the environment has changed: "
    assert f"{changed}numpy was 2.0.0 and is {np.__version__}; the last digits may" in err
    assert re.search(rf"{changed}blas was .*kernel Haswell, 7 threads and is .*1 threads", err)
    trainer.resume(tmp_path / "run", 6, reporting=Reporting())  # as at the last resumption
    assert "has changed" not in capsys.readouterr().err


def spoil(path, **arrays):
    checkpoint.save(path, checkpoint.load(path) | arrays)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"identity": np.zeros(16, np.uint8)}, "belongs to another recipe or seed"),
        ({"theta_g": np.zeros(3, np.float32)}, "does not match the networks"),
        ({"iteration": np.array(-1)}, 'its "iteration" is not a whole number'),
        ({"iteration": np.array([1, 2])}, 'its "iteration" is not a whole number'),
        ({"iteration": np.array("x")}, 'its "iteration" does not hold real numbers'),
        ({"best": np.array(1.0)}, 'its "best" is not a value with an iter'),
        ({"best": np.array(["a", "b"])}, 'its "best" does not hold real numbers'),
        ({"best": np.array([1.0, np.nan])}, 'its "best" is not a value with an iter'),
        ({"best": np.array([1.0, 3.0])}, 'its "best" is not a value with an iter'),
        ({"best": np.array([np.nan, 1.0])}, 'its "best" is not a value with an iter'),
        ({"best": np.array([1.0, 0.5])}, 'its "best" is not a value with an iter'),
        ({"monitor": np.array([1, 2])}, 'its "monitor" is not a whole number'),
        ({"monitor": np.array("x")}, 'its "monitor" does not hold real numbers'),
        ({"updates": np.array([-1, 4])}, 'is damaged: its "iteration", 2, does not match its'),
        ({"updates": np.array([np.nan, 4])}, 'is damaged: its "iteration", 2, does not match its'),
    ],
)
def test_a_checkpoint_that_does_not_belong_to_the_run_is_refused(tmp_path, arrays, words):
    started(tmp_path / "run", "algorithm1", 2)
    spoil(tmp_path / "run" / "checkpoint.npz", **arrays)
    before = regular_bytes(tmp_path / "run")
    with pytest.raises(UserError, match=words):
        trainer.resume(tmp_path / "run", 4, reporting=QUIET)
    assert regular_bytes(tmp_path / "run") == before


def test_another_recipe_in_the_folder_is_refused(tmp_path):
    started(tmp_path / "run", "algorithm1", 2)
    other = recipes.to_toml(tiny.recipe(optimizer__rate=0.3))
    (tmp_path / "run" / "recipe.toml").write_text(other)
    with pytest.raises(UserError, match="belongs to another recipe or seed"):
        trainer.resume(tmp_path / "run", 4, reporting=QUIET)


def test_another_seed_in_the_folder_is_refused(tmp_path):
    started(tmp_path / "run", "algorithm1", 2)
    altered(tmp_path / "run", seed=2)
    with pytest.raises(UserError, match="belongs to another recipe or seed"):
        trainer.resume(tmp_path / "run", 4, reporting=QUIET)


def test_other_examples_are_refused(tmp_path):
    started(tmp_path / "run", "algorithm1", 2)
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    altered(tmp_path / "run", data=facts["data"] | {"digest": "0" * 32})
    with pytest.raises(UserError, match=r"data set differs from the one that .* was trained on"):
        trainer.resume(tmp_path / "run", 4, reporting=QUIET)


def test_a_damaged_last_checkpoint_is_refused_with_the_names_of_the_others(tmp_path):
    train(tmp_path / "run", log__keep_every=3)
    (tmp_path / "run" / "checkpoint.npz").write_bytes(b"x")
    with pytest.raises(UserError, match=r"is damaged .*; available checkpoints: best, 3, 6;"):
        trainer.resume(tmp_path / "run", 9, reporting=QUIET)


def test_a_run_can_be_resumed_from_a_copied_kept_checkpoint(tmp_path):
    straight = train(tmp_path / "straight", training__iterations=9)
    run = tmp_path / "run"
    train(run, log__keep_every=3)
    kept = (run / "checkpoints" / "00000003.npz").read_bytes()
    (run / "checkpoint.npz").write_bytes(kept)
    trainer.resume(run, 9, reporting=QUIET)
    assert (run / "checkpoint.npz").read_bytes() == (
        straight.run.path / "checkpoint.npz"
    ).read_bytes()
    assert iteration_of(run) == 9


@pytest.mark.parametrize(
    "option", [["digits"], ["--set", "training.m=3"], ["--seed", "1"], ["--out", "x"]]
)
def test_recipe_seed_and_folder_of_a_run_cannot_be_changed(tmp_path, capsys, option):
    started(tmp_path / "run", "algorithm1", 2)
    assert cli.main(["train", "--resume", str(tmp_path / "run"), *option]) == 2
    err = capsys.readouterr().err
    name = "the recipe" if len(option) == 1 else option[0]
    assert err.startswith("minigan: a resumed run keeps its recipe, seed and folder: leave out ")
    assert f"leave out {name} with --resume" in err


def test_the_command_resumes(tmp_path, capsys):
    started(tmp_path / "run", "algorithm1", 2)
    command = ["train", "--resume", str(tmp_path / "run"), "--iterations", "4", "--quiet"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out.startswith("4 iterations in ")
    assert iteration_of(tmp_path / "run") == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"log__keep_every": 6},
        {"data__set": "ring", "generator__output": "linear"},
        {"data__order": "epochs", "training__m": 400, "training__k": 2},
        {"prior__kind": "gaussian", "generator__objective": "minimax"},
    ],
)
@pytest.mark.parametrize("cut", [1, 5, 6, 11])
def test_every_kind_of_run_can_be_resumed(tmp_path, changes, cut):
    for name, iterations in (("straight", 12), ("stopped", cut)):
        train(tmp_path / name, training__iterations=iterations, **changes)
    trainer.resume(tmp_path / "stopped", 12, reporting=QUIET)
    files = ["checkpoint.npz", "best.npz", "samples.png"]
    files += [f"checkpoints/{t:08d}.npz" for t in (6, 12)] if "log__keep_every" in changes else []
    for file in files:
        one, other = (tmp_path / name / file for name in ("straight", "stopped"))
        assert one.read_bytes() == other.read_bytes(), file


def test_the_log_settings_of_a_run_can_be_changed_between_its_parts(tmp_path, straight):
    started(tmp_path / "run", "algorithm1", 12)
    other = tiny.recipe(
        training__iterations=TOTAL, log__every=5, log__save_every=4, log__monitor="none",
        **UPDATE_ORDERS["algorithm1"],
    )  # fmt: skip
    (tmp_path / "run" / "recipe.toml").write_text(recipes.to_toml(other))
    trainer.resume(tmp_path / "run", reporting=Reporting(quiet=True, csv=True))
    one, whole = (
        checkpoint.load(path / "checkpoint.npz")
        for path in (tmp_path / "run", straight / "algorithm1")
    )
    for name in ("theta_g", "theta_d", "v_g", "v_d", "updates"):
        np.testing.assert_array_equal(one[name], whole[name])


def test_an_existing_csv_is_continued_without_the_option(tmp_path):
    train(tmp_path / "run", reporting=Reporting(quiet=True, csv=True))
    trainer.resume(tmp_path / "run", 8, reporting=QUIET)
    rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["iteration", "2", "3", "4", "6", "8"]


def test_tensorboard_gets_the_first_iteration_of_a_resumed_run(tmp_path, monkeypatch):
    started(tmp_path / "run", "algorithm1", 4)
    calls = []

    class Recording:
        def __init__(self, folder, first):
            calls.append((folder, first))

        def add(self, line):
            calls.append(line["iteration"])

    monkeypatch.setattr("minigan.training.recorder.Writer", Recording)
    trainer.resume(tmp_path / "run", 6, reporting=Reporting(quiet=True, tensorboard=True))
    assert calls == [(tmp_path / "run" / "tensorboard", 4), 6]


def test_progress_counts_the_earlier_iterations(tmp_path, capsys, monkeypatch):
    started(tmp_path / "run", "algorithm1", 4)
    monkeypatch.setattr("minigan.training.progress.SECONDS_BETWEEN_PLAIN_LINES", 0.0)
    trainer.resume(tmp_path / "run", 6, reporting=Reporting())
    assert "6/6 iterations" in capsys.readouterr().err


def test_temporary_files_of_a_killed_process_are_removed(tmp_path):
    started(tmp_path / "run", "algorithm1", 4)
    temporary = tmp_path / "run" / "checkpoints" / f".{'0123456789abcdef'}.part"
    temporary.parent.mkdir()
    temporary.write_bytes(b"x")
    other = tmp_path / "run" / ".mine.part"
    other.write_bytes(b"x")
    trainer.resume(tmp_path / "run", 6, reporting=QUIET)
    assert (temporary.exists(), other.exists()) == (False, True)


def test_the_animation_of_a_resumed_run_has_its_new_sheets(tmp_path):
    started(tmp_path / "run", "algorithm1", 6)
    trainer.resume(tmp_path / "run", 12, reporting=QUIET)
    with Image.open(tmp_path / "run" / "animation.png") as moving:
        assert moving.n_frames == 5  # 0, 3, 6, 9, 12


def test_a_missing_sheet_is_drawn_when_the_run_is_resumed(tmp_path, straight):
    started(tmp_path / "run", "algorithm1", 6)
    (tmp_path / "run" / "samples" / "00000006.png").unlink()
    trainer.resume(tmp_path / "run", TOTAL, reporting=QUIET)
    assert regular(tmp_path / "run") == regular(straight / "algorithm1")


def test_sheets_of_iterations_that_are_run_again_are_removed(tmp_path):
    train(tmp_path / "run", training__iterations=12, log__keep_every=3)
    kept = (tmp_path / "run" / "checkpoints" / "00000003.npz").read_bytes()
    (tmp_path / "run" / "checkpoint.npz").write_bytes(kept)
    trainer.resume(tmp_path / "run", 5, reporting=QUIET)
    names = sorted(path.stem for path in (tmp_path / "run" / "samples").iterdir())
    assert [int(name) for name in names] == [0, 3, 5]


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i in range(20):
        Image.new("L", (4, 4), 10 * i).save(folder / f"{i:02}.png")
    return folder


def started_with(pictures, path):
    recipe = tiny.recipe(data__set="folder", training__iterations=3)
    trainer.train(recipe, 1, out=path, data_dir=pictures, reporting=QUIET)


def test_a_resumed_run_loads_the_same_image_folder(pictures, tmp_path):
    started_with(pictures, tmp_path / "run")
    trainer.resume(tmp_path / "run", 6, reporting=QUIET)
    assert iteration_of(tmp_path / "run") == 6


def test_the_new_path_of_a_moved_image_folder_is_recorded(pictures, tmp_path):
    started_with(pictures, tmp_path / "run")
    moved = pictures.rename(tmp_path / "moved")
    with pytest.raises(UserError, match="needs --data-dir DIR, the folder of your pictures"):
        trainer.resume(tmp_path / "run", 6, reporting=QUIET)
    trainer.resume(tmp_path / "run", 6, data_dir=moved, reporting=QUIET)
    trainer.resume(tmp_path / "run", 9, reporting=QUIET)
    assert iteration_of(tmp_path / "run") == 9


def test_changed_images_are_refused(pictures, tmp_path):
    started_with(pictures, tmp_path / "run")
    Image.new("L", (4, 4), 3).save(pictures / "00.png")
    with pytest.raises(UserError, match="the data set differs"):
        trainer.resume(tmp_path / "run", 6, reporting=QUIET)


def test_the_device_is_that_of_the_last_session_by_default(tmp_path, monkeypatch):
    started(tmp_path / "run", "algorithm1", 2)
    opened, real = [], trainer.open_backend
    monkeypatch.setattr(trainer, "open_backend", lambda d, _: (opened.append(d), real("cpu"))[1])
    altered(tmp_path / "run", device="cuda (NVIDIA H100)")
    trainer.resume(tmp_path / "run", 3, reporting=QUIET)
    trainer.resume(tmp_path / "run", 4, device="cpu", reporting=QUIET)
    assert opened == ["cuda", "cpu"]


def test_a_changed_environment_is_reported_also_with_quiet(tmp_path, capsys):
    started(tmp_path / "run", "algorithm1", 2)
    altered(tmp_path / "run", numpy="2.0.0")
    trainer.resume(tmp_path / "run", 4, reporting=QUIET)
    assert "the environment has changed: numpy was 2.0.0" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["theta_g", "v_d"])
def test_a_checkpoint_with_numbers_that_are_not_finite_is_refused(tmp_path, name):
    started(tmp_path / "run", "algorithm1", 2)
    array = checkpoint.load(tmp_path / "run" / "checkpoint.npz")[name]
    array[3] = np.nan
    spoil(tmp_path / "run" / "checkpoint.npz", **{name: array})
    with pytest.raises(UserError, match=f'is damaged: its "{name}" contains invalid numbers'):
        trainer.resume(tmp_path / "run", 4, reporting=QUIET)


def test_a_second_process_in_the_same_folder_is_refused(tmp_path):
    started(tmp_path / "run", "algorithm1", 2)
    before = regular_bytes(tmp_path / "run")
    with held(tmp_path / "run") as locked:
        assert locked
        with pytest.raises(UserError, match=r"another process is training in .*run: wait"):
            trainer.resume(tmp_path / "run", 4, reporting=QUIET)
    assert regular_bytes(tmp_path / "run") == before
    trainer.resume(tmp_path / "run", 4, reporting=QUIET)


def test_a_run_resumed_with_another_monitor_selects_its_best_state_anew(tmp_path):
    run = train(tmp_path / "run", log__monitor="parzen").run.path
    recipe = run / "recipe.toml"
    recipe.write_text(recipe.read_text().replace('"parzen"', '"validation_distance"'))
    trainer.resume(run, 12, reporting=QUIET)
    distances = {
        line["iteration"]: line["validation_distance"]
        for line in log_of(run)
        if "validation_distance" in line
    }
    best = min(distances, key=distances.get)
    saved = checkpoint.load(run / "best.npz")["best"].tolist()
    assert saved == [distances[best], best]
    assert min(distances) > 6


@pytest.mark.parametrize("name", ["08.png", "09.png"])
def test_changed_validation_or_test_images_are_refused(pictures, tmp_path, name):
    started_with(pictures, tmp_path / "run")
    Image.new("L", (4, 4), 3).save(pictures / name)
    with pytest.raises(UserError, match="the validation or test data, or the labels, differ"):
        trainer.resume(tmp_path / "run", 6, reporting=QUIET)


def test_a_run_of_an_older_version_is_resumed_with_one_sentence(pictures, tmp_path, capsys):
    started_with(pictures, tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    recorded = facts["data"].pop("splits")
    altered(tmp_path / "run", data=facts["data"])
    trainer.resume(tmp_path / "run", 6, reporting=QUIET)
    said = capsys.readouterr().err
    assert said.count("its validation and test data could not be compared") == 1
    trainer.resume(tmp_path / "run", 9, reporting=QUIET)  # from now on they are recorded
    assert capsys.readouterr().err == ""
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert facts["data"]["splits"] == recorded


def test_the_files_that_are_not_used_are_said_and_recorded(pictures, tmp_path, capsys):
    (pictures / "a.heic").touch()
    started_with(pictures, tmp_path / "run")
    (note,) = capsys.readouterr().err.splitlines()
    assert note == f"note: not used in {pictures}: 1 file (1 .heic)"
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert facts["data"]["notes"] == [note.removeprefix("note: ")]


def test_an_unknown_field_of_a_log_line_becomes_a_column_of_the_csv(tmp_path):
    started(tmp_path / "run", "algorithm1", 4)
    log = tmp_path / "run" / "log.jsonl"
    first, *rest = log.read_text().splitlines(keepends=True)
    log.write_text(first.replace("}", ', "mine": 7}') + "".join(rest))
    trainer.resume(tmp_path / "run", 6, reporting=Reporting(quiet=True, csv=True))
    heading, *rows = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert heading.endswith(",mine")
    assert rows[0].endswith(",7")
    assert all(row.endswith(",") for row in rows[1:])


def test_the_checkpoint_is_read_under_the_lock(tmp_path, monkeypatch):
    started(tmp_path / "run", "algorithm1", 2)
    load, seen = trainer.RunDirectory.load_checkpoint, []

    def loaded(run, *which, **required):
        with held(tmp_path / "run") as other:
            seen.append(other)
        return load(run, *which, **required)

    monkeypatch.setattr(trainer.RunDirectory, "load_checkpoint", loaded)
    trainer.resume(tmp_path / "run", 4, reporting=QUIET)
    assert seen == [None]


LINKED = ["samples", "log.jsonl", "checkpoint.npz", "recipe.toml", "samples.png", "tensorboard"]


@pytest.mark.parametrize("name", LINKED)
def test_a_link_out_of_the_run_folder_is_refused_and_nothing_there_changes(tmp_path, name):
    run, outside = tmp_path / "run", tmp_path / "outside"
    started(run, "algorithm1", 2)
    if (run / name).exists():
        (run / name).rename(outside)
    else:
        outside.mkdir()
    if outside.is_dir():
        (outside / "20230101.png").write_bytes(b"precious")
    (run / name).symlink_to("../outside")
    before = {p: p.read_bytes() for p in [outside, *outside.rglob("*")] if p.is_file()}
    reporting = Reporting(quiet=True, tensorboard=True)
    with pytest.raises((UserError, OSError), match=r"it is a link that leads out of .*run"):
        trainer.resume(run, 4, reporting=reporting)
    assert before == {p: p.read_bytes() for p in [outside, *outside.rglob("*")] if p.is_file()}


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_sheet_that_is_no_file_is_left_out_of_the_animation(tmp_path, make):
    started(tmp_path / "run", "algorithm1", 6)
    sheet = tmp_path / "run" / "samples" / "00000003.png"
    sheet.unlink()
    make(sheet)
    trainer.resume(tmp_path / "run", 8, reporting=QUIET)
    with Image.open(tmp_path / "run" / "animation.png") as animation:
        assert animation.n_frames == len(list(sheet.parent.iterdir())) - 1
