"""The record of a run agrees with its log, its recipe and the evaluation protocol."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
from runs_of import log_of, train

from minigan.data import sets
from minigan.errors import UserError
from minigan.evaluation import protocol
from minigan.reports.table1 import record
from minigan.reports.table1.record import ScoredCheckpoint
from minigan.system.fields import read
from minigan.training import recipes, sampling
from minigan.training.runs import checkpoint

PARZEN: dict[str, Any] = {
    "log": {"every": 2, "save_every": 2, "keep_every": 0, "monitor": "parzen"},
    "generator": {**tiny.table()["generator"], "average_keep": 0.5, "average_every": 1},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = train(tmp_path_factory.mktemp("record") / "run", 5, **PARZEN).run.path
    return path


def test_the_record_contains_the_validation_curve_and_its_best_point(run: Path) -> None:
    found, lines = record.record_of_run(run), log_of(run)
    per_epoch = 1197 // 10
    assert found.curve == tuple(
        ScoredCheckpoint(
            line["iteration"], line["iteration"] / per_epoch, line["validation_LL"], line["sigma"]
        )
        for line in lines
    )
    best = max(lines, key=lambda line: line["validation_LL"])
    assert found.snapshot
    assert found.snapshot.iteration == best["iteration"]
    assert (found.name, found.seed, found.iterations, found.ended) == ("tiny", 5, 6, "finished")
    assert found.epochs == 6 / per_epoch
    assert found.seconds == lines[-1]["seconds"]
    assert found.environment["numpy"]
    assert "data" not in found.environment


def test_the_test_images_are_scored_under_the_best_snapshot_once_averaged_once_not(
    run: Path,
) -> None:
    found, data = record.record_of_run(run), sets.load("digits")
    validation, test = data.validation.all(), data.test.all()
    for averaged, recorded in ((True, found.test), (False, found.theta_g)):
        sampler = sampling.load_sampler(run, "best", averaged=averaged)
        x = sampler.samples(sampler.noise(10_000, 0))
        expected = protocol.score(x, test, protocol.choose(x, validation))
        assert recorded
        scores = (recorded.LL, recorded.error)
        assert scores == pytest.approx((expected.LL, expected.error), abs=0.01)
        assert recorded.sigma == expected.choice.sigma
    assert found.finer
    assert found.finer.LL != found.test.LL if found.test else False


def test_a_run_without_an_average_has_no_separate_score_of_theta_g(tmp_path: Path) -> None:
    found = record.record_of_run(train(tmp_path / "run", log=PARZEN["log"]).run.path)
    assert found.theta_g is None
    assert found.test


def test_departures_are_the_settings_that_differ_from_the_published_recipe(run: Path) -> None:
    one, published = record.record_of_run(run), recipes.load("mnist-2014")
    assert replace(one, recipe=published).departures == {}
    changed = recipes.load(
        "mnist-2014",
        [
            "discriminator.keep_input=1",
            "optimizer.rate=0.2",
            "training.iterations=5",
            "training.blas_threads=1",
            "log.monitor=parzen",
            "name=other",
        ],
    )
    departures = replace(one, recipe=changed).departures
    assert departures == {"discriminator.keep_input": 1.0, "optimizer.rate": 0.2}


def test_a_record_that_is_written_and_read_is_unchanged(run: Path, tmp_path: Path) -> None:
    found = record.record_of_run(run)
    record.write(found, tmp_path / "run.json")
    assert record.read(tmp_path / "run.json") == found
    assert record.read_all(tmp_path) == [found]
    assert found.recipe == read(type(found.recipe), tiny.table(**PARZEN))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is damaged: it is not JSON"),
        ("nonsense", "is damaged: it is not JSON"),
        ("{}", "is not a record written by minigan reproduce"),
        ("[]", "is not a record written by minigan reproduce"),
        ('{"format": 2}', "is not a record written by minigan reproduce"),
        ('{"format": 1}', "is damaged: label is missing"),
    ],
)
def test_a_file_that_is_not_a_record_raises_an_error(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UserError, match=rf"x\.json {reason}"):
        record.read(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda table: table["recipe"]["training"].update(m=0), "training.m = 0 must be between"),
        (lambda table: table["recipe"].pop("log"), "recipe.log is missing"),
        (lambda table: table.update(epochs="x"), "epochs = 'x' must be a finite number"),
        (lambda table: table.update(seconds=None), "seconds = null must be a finite number"),
        (lambda table: table.update(seconds=1e300), "seconds = 1e+300 must be between"),
        (lambda table: table.update(ended=5), "ended = 5 must be a text"),
        (lambda table: table.update(seed=-1), "seed = -1 must be between"),
        (lambda table: table.update(warnings=[1]), "warnings[0] = 1 must be a text"),
        (lambda table: table.update(test=3), "test = 3 must be a table of named values"),
        (lambda table: table["test"].update(LL="x"), "test.LL = 'x' must be a finite number"),
        (lambda table: table["test"].update(at_edge=1), "test.at_edge = 1 must be true or false"),
        (lambda table: table["curve"][1].pop("sigma"), "curve[1].sigma is missing"),
        (lambda table: table["curve"].append(1), "must be a table of named values"),
        (lambda table: table.update(more=1), "there is no more; "),
    ],
)
def test_a_record_with_an_invalid_field_is_refused_by_its_name(
    run: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    record.write(record.record_of_run(run), tmp_path / "x.json")
    table = json.loads((tmp_path / "x.json").read_text())
    change(table)
    (tmp_path / "x.json").write_text(json.dumps(table))
    with pytest.raises(UserError, match=re.escape(sentence)) as refused:
        record.read(tmp_path / "x.json")
    assert str(refused.value).startswith(f"{tmp_path / 'x.json'} is damaged: ")


@pytest.mark.parametrize(
    ("LL", "sigma", "sentence"),
    [
        ('"x"', "0.2", "in line 2, validation_LL = 'x' must be a finite number"),
        ("-8.5", "null", "iteration 6 has a validation_LL, but no sigma"),
    ],
)
def test_a_log_line_with_a_wrong_score_is_refused(
    run: Path, tmp_path: Path, LL: str, sigma: str, sentence: str
) -> None:
    shutil.copytree(run, tmp_path / "run")
    line = f'{{"iteration": 6, "validation_LL": {LL}, "sigma": {sigma}}}\n'
    (tmp_path / "run" / "log.jsonl").write_text('{"iteration": 3}\n' + line)
    with pytest.raises(UserError, match=sentence):
        record.record_of_run(tmp_path / "run")


def test_missing_records_and_unsuitable_runs_raise_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        record.read(tmp_path / "absent.json")
    with pytest.raises(UserError, match="contains no records"):
        record.read_all(tmp_path)
    plain = train(tmp_path / "plain").run.path
    with pytest.raises(UserError, match=r"--set log\.monitor=parzen"):
        record.record_of_run(plain)


def test_a_stopped_run_records_its_length_and_a_failed_one_its_reason(run: Path) -> None:
    (text := run / "recipe.toml").write_text(
        text.read_text().replace("iterations = 6", "iterations = 7000")
    )
    assert record.record_of_run(run).ended == "stopped before 7,000"
    assert record.record_of_run(run, failure="NaN at 7").ended == "NaN at 7"
    text.write_text(text.read_text().replace("iterations = 7000", "iterations = 6"))


def test_a_run_that_failed_before_its_first_evaluation_has_a_record_without_a_score(
    tmp_path: Path,
) -> None:
    path = train(tmp_path / "run", **PARZEN).run.path
    (path / "best.npz").unlink()
    found = record.record_of_run(path)
    assert (found.snapshot, found.test, found.finer, found.theta_g) == (None, None, None, None)
    (path / "log.jsonl").write_text("")
    with pytest.raises(UserError, match="is empty"):
        record.record_of_run(path)
    assert record.record_of_run(path, failure="NaN at 1").iterations == 0


def test_the_snapshot_belongs_to_the_checkpoint_that_is_scored(tmp_path: Path) -> None:
    path = train(tmp_path / "run", **PARZEN).run.path
    best = int(checkpoint.load(path / "best.npz")["iteration"])
    last = {**log_of(path)[-1], "iteration": 8, "validation_LL": 1e6}  # not saved
    with (path / "log.jsonl").open("a") as file:
        file.write(json.dumps(last) + "\n")
    snapshot = record.record_of_run(path).snapshot
    assert snapshot
    assert snapshot.iteration == best
