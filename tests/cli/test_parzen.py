"""`minigan parzen`: the score of a run or of a file, and one message for every wrong input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from refused import refused
from runs_of import QUIET, train

from minigan import cli
from minigan.data import sets, tfd
from minigan.evaluation.protocol import choose, score
from minigan.reports.folds import score_folds
from minigan.reports.likelihood import Source, estimate, scoring
from minigan.training import sampling, trainer

DIGITS = sets.load("digits")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_cache", lambda: tmp_path / "cache")


def samples(N: int) -> Any:
    noise = np.random.default_rng(0).normal(0, 0.05, (N, 64))
    return np.clip(DIGITS.train.all()[:N] + noise, 0, 1).astype(np.float32)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["parzen", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == "" if "--quiet" in arguments else "Traceback" not in err
    return out


def test_the_command_scores_a_run_on_its_own_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train(tmp_path / "run").run.path
    options = ["--count", "30", "--seed", "3", "--refine", "--json", "--quiet"]
    out = printed(capsys, str(run), *options)
    found = json.loads(out)
    sampler = sampling.load_sampler(run)
    x = sampler.samples(sampler.noise(30, 3))
    expected = score(x, DIGITS.test.all(), choose(x, DIGITS.validation.all()))
    assert found["score"]["LL"] == expected.LL
    assert found["score"]["choice"]["sigma"] == expected.choice.sigma
    assert found["refined"]["LL"] != expected.LL
    assert found["rungs"]
    assert "30 samples are fewer" in " ".join(found["warnings"])
    assert "30 samples of" in found["source"]


def test_the_command_scores_external_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", samples(40).reshape(40, 8, 8))
    file = ["--samples", str(tmp_path / "x.npy"), "--data", "digits"]
    out = printed(capsys, *file, "--alone", "--quiet")
    expected = estimate(
        Source(samples(40), f"40 samples of {tmp_path / 'x.npy'}"), DIGITS, with_baselines=False
    )
    assert out == f"{expected}\n"
    assert "warning: 40 samples are fewer" in out
    assert "training images" not in out
    assert "training images" in printed(capsys, *file)


def test_the_command_scores_a_run_on_the_folds_of_its_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tfd.write(tmp_path / tfd.NAME, unlabelled=15, labelled=60)
    recipe = tiny.recipe(data__set="tfd", training__iterations=2)
    run = trainer.train(recipe, 1, data_dir=tmp_path, out=tmp_path / "run", reporting=QUIET)
    options = ["--folds", "--count", "30", "--json", "--quiet"]
    found = json.loads(printed(capsys, str(run.run.path), *options))
    sampler = sampling.load_sampler(run.run.path)
    x = sampler.samples(sampler.noise(30, 0))
    expected = score_folds(Source(x, ""), tfd.database(tmp_path)).to_json()
    name = "samples, the paper's grid"
    assert found[name] == expected[name]
    assert "five folds" in printed(capsys, str(run.run.path), "--folds", "--quiet")
    sentence = refused(capsys, ["parzen", str(run.run.path), "--folds", "--refine"])
    assert sentence == "minigan: --refine is for one split: leave it out with --folds"
    digits = train(tmp_path / "digits").run.path
    sentence = refused(capsys, ["parzen", str(digits), "--folds"])
    assert sentence == "minigan: --folds needs the folds of data.set = 'tfd', not 'digits'"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either a run folder or --samples FILE"),
        (["run", "--samples", "x.npy"], "give either a run folder or --samples FILE"),
        (["run", "--data", "mnist"], "--data needs --samples"),
        (["absent"], "absent"),
        (["--samples", "tiny.toml", "--data", "digits", "--folds"], "tiny.toml"),
        (["--samples", "absent.npy", "--data", "digits"], "absent.npy"),
        (["run", "--count", "0"], "not a whole number from 1"),
        (["--samples", "x.npy", "--count", "9"], "--count applies to a run only"),
        (["--samples", "x.npy", "--seed", "0"], "--seed applies to a run only"),
        (["--samples", "x.npy", "--checkpoint", "best"], "--checkpoint applies to a run only"),
    ],
)
def test_invalid_arguments_are_refused_with_one_message(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert words in refused(capsys, ["parzen", *arguments])
