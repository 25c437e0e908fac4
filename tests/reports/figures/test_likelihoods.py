"""The plots show the given numbers, and `minigan parzen --plot` passes those of the run."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from refused import refused
from runs_of import train

from minigan import cli
from minigan.data import sets
from minigan.errors import UserError
from minigan.evaluation import likelihood_curves, protocol
from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import Choice, Score, choose, finer, score
from minigan.reports.figures import likelihoods, plots
from minigan.reports.likelihood import scoring
from minigan.training import sampling

SIGMAS = (0.1, 0.2, 0.5)
CHOICE = Choice(0.2, SIGMAS, (-30.0, 12.5, -4.0))
FINER = Choice(0.25, (0.2, 0.25, 0.3), (12.5, 13.25, 11.0))
SCORES = tuple(
    Score(LL, error, CHOICE, N, 100, 64)
    for N, LL, error in ((10, -5.0, 1.0), (30, 3.0, 0.5), (10_000, 11.0, 0.25))
)
BASELINES = (
    Baseline("mean image", 1, -7.0, 0.4, 0.3),
    Baseline("1,000 training images", 1000, 20.0, 0.8, 0.2),
    Baseline("10,000 training images", 10_000, 25.0, 0.7, 0.2),
    Baseline("k-means, 100 centres", 100, 16.0, 1.0, 0.2),
)


def axes():
    return plots.row_of_axes(Figure(), 1)[0]


def points_of(line):
    return [(float(x), float(y)) for x, y in zip(*line.get_data(), strict=True)]


def legend(drawn):
    return [text.get_text() for text in drawn.get_legend().get_texts()]


def test_the_left_plot_shows_the_validation_means_with_rings_at_the_chosen_sigmas():
    drawn = axes()
    likelihoods.against_sigma(drawn, CHOICE, FINER)
    grid, fine = drawn.lines
    assert points_of(grid) == [(0.1, -30), (0.2, 12.5), (0.5, -4)]
    assert points_of(fine) == [(0.2, 12.5), (0.25, 13.25), (0.3, 11)]
    rings = [ring.get_offsets().tolist() for ring in drawn.collections]
    assert rings == [[[0.2, 12.5]], [[0.25, 13.25]]]
    assert legend(drawn) == [
        "grid of the paper: 12.5 at sigma = 0.2000",
        "finer grid: 13.2 at sigma = 0.2500",
    ]
    assert drawn.get_xscale() == "log"
    likelihoods.against_sigma(alone := axes(), CHOICE)
    assert len(alone.lines) == len(legend(alone)) == 1


def test_the_right_plot_shows_LL_against_n_with_errors_and_training_images():
    drawn = axes()
    likelihoods.draw_against_n(drawn, SCORES, BASELINES)
    (bars,) = drawn.containers
    assert points_of(bars.lines[0]) == [(10, -5), (30, 3), (10_000, 11)]
    segments = [segment.tolist() for segment in bars.lines[2][0].get_segments()]
    assert segments == [
        [[10, -6], [10, -4]],
        [[30, 2.5], [30, 3.5]],
        [[10_000, 10.75], [10_000, 11.25]],
    ]
    shown = {tuple(map(tuple, points_of(line))) for line in drawn.lines}
    assert ((1000, 20), (10_000, 25)) in shown
    assert ((0, 25), (1, 25)) in shown  # the horizontal line of the perfect model
    assert set(legend(drawn)) == {
        "samples: 11.0 with all 10,000",
        "training images: 25.0 with 10,000 (perfect model)",
    }
    assert drawn.get_xscale() == "log"


def test_a_small_training_set_has_no_perfect_model():
    drawn = axes()
    likelihoods.draw_against_n(drawn, SCORES, BASELINES[:2])
    assert "training images: 20.0 with 1,000" in legend(drawn)
    likelihoods.draw_against_n(alone := axes(), SCORES)
    assert legend(alone) == ["samples: 11.0 with all 10,000"]


def test_a_file_contains_both_plots():
    refined = replace(SCORES[-1], choice=FINER)
    svg = likelihoods.draw(SCORES, refined, BASELINES, ".svg").decode()
    for text in ("sigma, for pixels in [0, 1]", "LL of the validation images, nats",
                 "n, the number of samples", "LL of the test images, nats",
                 "grid of the paper: 12.5 at sigma = 0.2000",
                 "finer grid: 13.2 at sigma = 0.2500", "samples: 11.0 with all 10,000",
                 ):  # fmt: skip
        assert f"<!-- {text} -->" in svg


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A tiny run in a temporary folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scoring, "_cache", lambda: tmp_path / "cache")
    return train(tmp_path / "run").run.path


def test_the_command_plots_the_curves_of_the_samples_of_the_run(run, capsys, monkeypatch):
    calls = []
    original = likelihoods.draw
    monkeypatch.setattr(likelihoods, "draw", lambda *args: calls.append(args) or original(*args))
    arguments = ["parzen", str(run), "--count", "40", "--seed", "3", "--refine", "--json"]
    assert cli.main([*arguments, "--plot", "a.png"]) == 0
    found = json.loads(capsys.readouterr().out)
    with Image.open("a.png") as picture:
        assert picture.format == "PNG"
    ((scores, refined, baselines, suffix),) = calls
    sampler = sampling.load_sampler(run)
    x, data = sampler.samples(sampler.noise(40, 3)), sets.load("digits")
    validation, test = data.validation.all(), data.test.all()
    choice = choose(x, validation)
    expected = likelihood_curves.against_n(x, validation, test, score(x, test, choice))
    assert [one.N for one in scores] == [10, 30, 40]
    assert scores == expected
    assert refined == score(x, test, choose(x, validation, finer(choice)))
    assert [baseline.name for baseline in baselines] == [
        baseline["name"] for baseline in found["rungs"]
    ]
    assert suffix == ".png"


def test_only_the_validation_images_of_the_protocol_choose_sigma(run, monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(protocol, "VALIDATION", 20)
    monkeypatch.setattr(likelihoods, "draw", lambda *args: calls.append(args) or b"")
    x, data = np.random.default_rng(1).random((12, 64)), sets.load("digits")
    validation, test = data.validation.all()[:20], data.test.all()
    whole = score(x, test, choose(x, validation))
    likelihoods.write(tmp_path / "a.pdf", x, data, whole)
    assert calls[0][0][0] == score(
        x[:10], test, choose(x[:10], validation, dtype=np.float64), dtype=np.float64
    )


@pytest.mark.parametrize("name", ["a.jpg", "nowhere/a.png"])
def test_a_wrong_plot_file_raises_an_error_before_any_computation(run, capsys, name):
    sentence = refused(capsys, ["parzen", str(run), "--plot", name])
    assert sentence.startswith(f"minigan: {name} ")


def test_without_matplotlib_an_error_is_raised_before_any_computation(run, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    sentence = refused(capsys, ["parzen", str(run), "--plot", "a.png"])
    assert sentence == f"minigan: plots need Matplotlib: {sys.executable} -m pip install matplotlib"
    with pytest.raises(UserError, match="need Matplotlib"):
        likelihoods.write(run / "a.png", np.zeros((1, 64)), sets.load("digits"), SCORES[0])
