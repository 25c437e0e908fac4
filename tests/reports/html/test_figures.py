"""The paper's figures in the report."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from html_read import EVIL, Read
from PIL import Image
from runs_of import train

from minigan.data import digits
from minigan.reports.figures import figure2, figure3
from minigan.reports.html import figures, history
from minigan.training import sampling


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The history of a tiny run on the digits."""
    return history.read(train(tmp_path_factory.mktemp("figures") / "run").run.path)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def test_figures_2_and_3_are_those_of_the_best_checkpoint(run):
    logged = []
    (second, third), missing = figures.draw(run, logged.append)
    assert logged == ["figure 2", "figure 3"]
    assert missing == ""
    sampler = sampling.load_sampler(run.path, "best")
    expected, check = figure2.draw(sampler, digits.load("train"), digits.load("test"))
    np.testing.assert_array_equal(pixels(second.png), expected)
    assert second.title == "Figure 2, G of the best checkpoint"
    assert str(check) in second.caption
    assert second.caption.endswith("Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0.")
    expected, paths = figure3.draw(sampler, (8, 8, 1))
    np.testing.assert_array_equal(pixels(third.png), expected)
    assert str(paths) in third.caption


@pytest.mark.parametrize(
    ("name", "licence"), [("mnist", "CC BY-SA 3.0."), ("fashion-mnist", "MIT."), ("folder", "")]
)
def test_the_caption_of_figure_2_names_the_source_of_the_examples(run, name, licence):
    second = figures.draw(replace(run, data=replace(run.data, name=name)), print)[0][0]
    assert second.caption.endswith(licence)
    assert ("Examples: " in second.caption) == bool(licence)


def test_without_the_data_set_only_figure_3_is_drawn(run):
    without_data = replace(run, data=None, data_error="mnist is not on this machine")
    (third,), missing = figures.draw(without_data, lambda message: None)
    assert third.title.startswith("Figure 3")
    assert missing == "Figure 2 needs the training examples: mnist is not on this machine."


def test_without_a_best_checkpoint_the_last_one_is_used(run):
    (second, _), _ = figures.draw(replace(run, checkpoints=["last"]), lambda message: None)
    assert second.title == "Figure 2, G of the last checkpoint"


def test_points_have_no_figures(tmp_path):
    path = train(tmp_path / "run", data__set="ring", generator__output="linear").run.path
    found, missing = figures.draw(history.read(path), lambda message: None)
    assert found == []
    assert "show images, but this run was trained on points" in missing


def test_an_unusable_checkpoint_is_reported_in_a_sentence(tmp_path):
    path = train(tmp_path / "run").run.path
    (path / "best.npz").write_bytes(b"x")
    found, missing = figures.draw(history.read(path), lambda message: None)
    assert found == []
    assert missing.startswith("The figures could not be drawn: the checkpoint ")


def test_pictures_are_embedded_unchanged_and_texts_are_escaped(run):
    (_, third), _ = figures.draw(run, lambda message: None)
    read = Read(figures.figures_section([figures.Figure(EVIL, third.png, EVIL)], EVIL))
    (image,) = read.of("img")
    assert base64.b64decode(image["src"].split(",")[1]) == third.png
    assert read.of("script") == []
    assert read.text == EVIL + EVIL + EVIL
