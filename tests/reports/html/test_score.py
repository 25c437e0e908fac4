"""The log-likelihood in the report."""

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
    """A cache of these tests' own, so that the ladder is computed once."""
    folder = tmp_path_factory.getbasetemp() / "cache-of-score"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """A tiny run on the digits whose best state is not its last."""
    for seed in range(1, 20):
        outcome = train(tmp_path_factory.mktemp("score") / "run", seed=seed, log__monitor="parzen")
        if history.read(outcome.run.path).best.iteration == 3:
            return outcome
    raise AssertionError("no seed has its best state at iteration 3")


def silent(words):
    """Nobody hears what takes time."""


def rows(markup):
    """The cells of the ladder, row by row."""
    text = markup.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [Read(cell).text for cell in row.split("</td>")[:-1]] for row in text.split("</tr>")[:-1]
    ]


def test_the_last_and_the_best_stand_in_the_ladder_in_order(outcome):
    run, heard = history.read(outcome.run.path), []
    markup = score_section(run, heard.append, True)
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
        told = [f"{one.LL:,.1f}", f"{one.error:.1f}", f"{one.choice.sigma:.4f}"]
        expected[f"this G, {which} checkpoint"] = told
    shown = {name: cells for name, *cells, _ in found}
    assert {k: [c.replace("\N{MINUS SIGN}", "-") for c in v] for k, v in shown.items()} == expected
    heights = [float(cells[1].replace("\N{MINUS SIGN}", "-")) for cells in found]
    assert heights == sorted(heights)
    assert heard == [
        "the log-likelihood of the last checkpoint",
        "the log-likelihood of the best checkpoint",
    ]
    assert markup.count("<b>this G") == 2


def test_a_best_state_that_is_the_last_is_scored_once(outcome):
    run = history.read(outcome.run.path)
    same = replace(run, best=replace(run.best, iteration=run.iteration))
    assert (
        sum(name.startswith("this G") for name, *_ in rows(score_section(same, silent, True))) == 1
    )


def test_warnings_are_told(outcome, monkeypatch):
    monkeypatch.setattr(likelihood.Estimate, "warnings", lambda self: ["something < else"])
    read = Read(score_section(history.read(outcome.run.path), silent, True))
    assert "Warning, last checkpoint: something < else." in read.text
    assert len(read.of("p", "warning")) == 2


def test_points_and_missing_data_and_a_damaged_checkpoint_are_sentences(tmp_path, outcome):
    path = train(tmp_path / "run", data__set="ring", generator__output="linear").run.path
    assert "is that of images" in score_section(history.read(path), silent, True)
    here = history.read(outcome.run.path)
    without = replace(here, data=None, without_data="mnist is not on this machine")
    assert "There is no score: mnist is not on this machine." in score_section(
        without, silent, True
    )
    (path / "checkpoint.npz").unlink()
    image = replace(here, path=path)
    assert "There is no score: there is no checkpoint" in score_section(image, silent, True)


def test_the_judgement_is_that_with_which_the_run_ended(outcome, tmp_path, monkeypatch):
    assert quality_of_last_checkpoint(history.read(outcome.run.path)) == str(outcome.quality)
    sampler = sampling.load_sampler(outcome.run.path)
    seed = history.read(outcome.run.path).seed
    same = sampler.samples(sampler.noise(1000, seed)).tolist()
    with monkeypatch.context() as patch:
        patch.setattr("minigan.reports.html.score.judge", lambda samples, data: samples.tolist())
        assert quality_of_last_checkpoint(history.read(outcome.run.path)) == str(same)
    points = train(tmp_path / "run", data__set="ring", generator__output="linear")
    assert quality_of_last_checkpoint(history.read(points.run.path)) == str(points.quality)
    without = replace(history.read(points.run.path), data=None)
    assert quality_of_last_checkpoint(without) is None
