"""The section with the log-likelihood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from html_read import Read
from runs_of import train

from minigan.evaluation.baselines import score_baselines
from minigan.reports import likelihood
from minigan.reports.html import history
from minigan.reports.html.score import quality_of_last_checkpoint, score_section
from minigan.training import sampling


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """A separate cache for these tests, so that the baselines are computed once."""
    folder = tmp_path_factory.getbasetemp() / "cache-of-score"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """A tiny run on the digits whose best checkpoint is not the last one."""
    for seed in range(1, 20):
        outcome = train(tmp_path_factory.mktemp("score") / "run", seed=seed, log__monitor="parzen")
        if history.read(outcome.run.path).best.iteration == 3:
            return outcome
    raise AssertionError("no seed has its best checkpoint at iteration 3")


def silent(message):
    """A log function that discards the messages."""


def rows(markup):
    """The cells of the table, row by row."""
    text = markup.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [Read(cell).text for cell in row.split("</td>")[:-1]] for row in text.split("</tr>")[:-1]
    ]


def test_the_table_contains_both_checkpoints_and_the_baselines_in_order(outcome):
    run, logged = history.read(outcome.run.path), []
    markup = score_section(run, logged.append, True)
    found = rows(markup)
    images = run.data
    expected = {
        baseline.name: [f"{baseline.LL:,.1f}", f"{baseline.error:.1f}", f"{baseline.sigma:.4f}"]
        for baseline in score_baselines(
            images.train.all(), images.validation.all(), images.test.all()
        )
    }
    for which in ("last", "best"):
        source = likelihood.of_run(run.path, which, 10_000, 0)
        one = likelihood.estimate(source, images, with_baselines=False).score
        cells = [f"{one.LL:,.1f}", f"{one.error:.1f}", f"{one.choice.sigma:.4f}"]
        expected[f"this run, {which} checkpoint"] = cells
    shown = {name: cells for name, *cells, _ in found}
    assert {k: [c.replace("\N{MINUS SIGN}", "-") for c in v] for k, v in shown.items()} == expected
    scores = [float(cells[1].replace("\N{MINUS SIGN}", "-")) for cells in found]
    assert scores == sorted(scores)
    assert logged == [
        "the log-likelihood of the last checkpoint",
        "the log-likelihood of the best checkpoint",
    ]
    assert markup.count("<b>this run") == 2


def test_if_the_best_checkpoint_is_the_last_one_it_is_scored_once(outcome):
    run = history.read(outcome.run.path)
    same = replace(run, best=replace(run.best, iteration=run.iteration))
    assert (
        sum(name.startswith("this run") for name, *_ in rows(score_section(same, silent, True)))
        == 1
    )


def test_warnings_are_shown(outcome, monkeypatch):
    monkeypatch.setattr(likelihood.Estimate, "warnings", lambda self: ["something < else"])
    read = Read(score_section(history.read(outcome.run.path), silent, True))
    assert "Warning, last checkpoint: something < else." in read.text
    assert len(read.of("p", "warning")) == 2


def test_points_missing_data_and_a_damaged_checkpoint_are_reported(tmp_path, outcome):
    path = train(tmp_path / "run", data__set="ring", generator__output="linear").run.path
    assert "this run was trained on points" in score_section(history.read(path), silent, True)
    run = history.read(outcome.run.path)
    without = replace(run, data=None, data_error="mnist is not on this machine")
    assert "The score could not be computed: mnist is not on this machine." in score_section(
        without, silent, True
    )
    (path / "checkpoint.npz").unlink()
    section = score_section(replace(run, path=path, states={}), silent, True)
    assert "The score could not be computed: there is no checkpoint" in section


def test_the_quality_is_the_one_that_training_reported(outcome, tmp_path, monkeypatch):
    assert quality_of_last_checkpoint(history.read(outcome.run.path)) == str(outcome.quality)
    sampler = sampling.load_sampler(outcome.run.path)
    seed = history.read(outcome.run.path).seed
    same = sampler.samples(sampler.noise(1000, seed)).tolist()
    with monkeypatch.context() as patch:
        patch.setattr(
            "minigan.reports.html.score.assess_samples", lambda samples, data: samples.tolist()
        )
        assert quality_of_last_checkpoint(history.read(outcome.run.path)) == str(same)
    points = train(tmp_path / "run", data__set="ring", generator__output="linear")
    assert quality_of_last_checkpoint(history.read(points.run.path)) == str(points.quality)
    without = replace(history.read(points.run.path), data=None)
    assert quality_of_last_checkpoint(without) is None
