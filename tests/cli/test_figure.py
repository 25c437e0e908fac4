"""`minigan figure`: the files, the printed results, and one message for every invalid argument."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from refused import refused
from runs_of import train

from minigan import cli
from minigan.cli import figure
from minigan.data import digits
from minigan.reports.figures import (
    figure1,
    figure2,
    figure3,
    helvetica,
    latent,
    relatives,
    wasserstein,
)
from minigan.reports.figures.interactive import recording
from minigan.training import sampling
from minigan.training.runs import pretrained


def read(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture)


def printed(capsys, *arguments):
    assert cli.main(["figure", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_figure_2_is_written_to_the_run_folder_and_the_check_is_printed(run, capsys):
    out = printed(capsys, "2", run)
    picture, check = figure2.draw(
        sampling.load_sampler(Path(run)), digits.load("train"), digits.load("test")
    )
    assert out == f"run/figure2.png\n{check}\n"
    np.testing.assert_array_equal(read("run/figure2.png"), picture)


def test_figure_3_is_written_to_the_run_folder_and_the_paths_are_printed(run, capsys):
    out = printed(capsys, "3", run)
    picture, paths = figure3.draw(sampling.load_sampler(Path(run)), (8, 8, 1))
    assert out == f"run/figure3.png\n{paths}\n"
    np.testing.assert_array_equal(read("run/figure3.png"), picture)


@pytest.mark.parametrize("number", ["2", "3"])
def test_a_figure_uses_the_given_file_seed_and_checkpoint(run, capsys, number):
    arguments = (number, run, "--out", "a.png", "--seed", "5", "--checkpoint", "best", "--quiet")
    assert printed(capsys, *arguments).startswith("a.png\n")
    sampler = sampling.load_sampler(Path(run), "best")
    if number == "2":
        picture, _ = figure2.draw(sampler, digits.load("train"), digits.load("test"), 5)
    else:
        picture, _ = figure3.draw(sampler, (8, 8, 1), 5)
    np.testing.assert_array_equal(read("a.png"), picture)
    assert not Path(run, f"figure{number}.png").exists()


@pytest.mark.parametrize(("number", "key"), [("2", "copies"), ("3", "outside")])
def test_the_JSON_output_has_the_file_and_the_numbers(run, capsys, number, key):
    found = json.loads(printed(capsys, number, run, "--json", "--seed", "4"))
    assert (found["file"], found["seed"]) == (f"run/figure{number}.png", 4)
    assert 0 <= found[key] <= 1
    assert found["sentences"]


class Panels:
    """A stand-in for the result of Figure 1."""

    def __str__(self):
        return "p_g is near p_data"

    def to_json(self):
        return {"distance": 0.5}


@pytest.fixture
def drawn(monkeypatch):
    """The arguments of each call of figure1.draw, which is too slow for a test."""
    calls = []
    monkeypatch.setattr(figure1, "draw", lambda *all_: calls.append(all_) or Panels())
    return calls


def test_figure_1_is_written_to_the_current_folder_by_default(capsys, drawn):
    assert printed(capsys, "1") == "figure1.png\np_g is near p_data\n"
    more = ("--out", "a.svg", "--seed", "3", "--animation", "b.png", "--quiet", "--json")
    assert json.loads(printed(capsys, "1", *more)) == {"file": "a.svg", "seed": 3, "distance": 0.5}
    assert drawn == [
        (0, Path("figure1.png"), None, False),
        (3, Path("a.svg"), Path("b.png"), True),
    ]


@pytest.mark.parametrize("option", ["--out", "--animation"])
def test_a_figure_that_cannot_be_written_is_not_drawn(monkeypatch, capsys, option):
    monkeypatch.setitem(figure._DRAW, "1", None)
    sentence = refused(capsys, ["figure", "1", option, "missing/a.png"])
    assert sentence == "minigan: cannot read or write missing/a.png: No such file or directory"


def test_the_page_of_figure_1_is_written_with_the_settings_given(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "ITERATIONS", 1)
    page = ("1", "--html", "f.html", "--quiet")
    text = printed(capsys, *page, "--k", "2", "2", "--objective", "minimax", "--rate", "0.5", "2")
    first, *games = text.splitlines()
    assert first == "f.html"
    assert [one.partition(":")[0] for one in games] == [
        "k 2, minimax, rates x 0.5",
        "k 2, minimax, rates x 2",
    ]
    found = json.loads(printed(capsys, *page, "--json"))
    assert (found["file"], found["seed"], len(found["games"])) == ("f.html", 0, 8)
    assert found["games"][0]["t"] == 1


def test_without_a_run_the_pretrained_generator_is_used(capsys, tmp_path):
    (tmp_path / "mnist").mkdir()  # for example a data folder
    assert printed(capsys, "3").startswith("figure3.png\n")
    assert read("figure3.png").shape == (2 * (6 * 62 + 5 * 3), 2 * (11 * 30 + 2))


@pytest.mark.usefixtures("no_data")
def test_figure_2_without_its_data_names_the_download_command_and_writes_no_file(capsys, tmp_path):
    before = sorted(tmp_path.iterdir())
    assert "minigan data fetch mnist" in refused(capsys, ["figure", "2"])
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "which"),
        (["4"], "there is no '4'; use one of 1, 2"),
        (["two"], "'two'"),
        (["1", "run"], "figure 1 does not accept a run folder: leave it out"),
        (["1", "--data-dir", "."], "figure 1 does not accept --data-dir: leave it out"),
        (["1", "--checkpoint", "best"], "figure 1 does not accept --checkpoint: leave it out"),
        (["1", "--k", "2"], "--k needs --html FILE"),
        (["1", "--html", "a.html", "--out", "a.png"], "leave out --out"),
        (["1", "--html", "a.html", "--k", "0"], "'0' is not a whole number from 1 to 100"),
        (["1", "--html", "a.html", "--rate", "nan"], "'nan' is not a number above 0 and at most"),
        (["3", "--html", "a.html"], "figure 3 does not accept --html: leave it out"),
        (["2", "run", "--animation", "a.png"], "figure 2 does not accept --animation: leave it"),
        (["3", "run", "--animation", "a.png"], "figure 3 does not accept --animation: leave it"),
        (["3", "run", "--data-dir", "."], "figure 3 does not accept --data-dir: leave it out"),
        (["helvetica", "run"], "figure helvetica does not accept a run folder: leave it out"),
        (["latent", "run", "--data-dir", "."], "figure latent does not accept --data-dir: leave"),
        (["wasserstein", "run"], "figure wasserstein does not accept a run folder: leave it out"),
        (["relatives", "run"], "figure relatives does not accept a run folder: leave it out"),
        (["2", "nowhere"], "nowhere is not a run folder"),
        (["3", "run", "--out", "a.svg"], "a.svg must end in .png"),
        (["2", "run", "--out", "a"], "a must end in .png"),
        (
            ["2", "run", "--out", "nowhere/a.png"],
            "cannot read or write nowhere/a.png: No such file",
        ),
        (["3", "run", "--checkpoint", "5"], "there is no checkpoint"),
        (["3", "run", "--seed", "-1"], "'-1' is not a whole number"),
    ],
)
def test_invalid_arguments_are_refused_with_one_message(run, capsys, arguments, words):
    assert words in refused(capsys, ["figure", *arguments])


def test_helvetica_is_drawn_by_its_module(monkeypatch, capsys):
    calls = []
    rows = helvetica.HelveticaSheets((150,), 8, (8,), (1,), (8,))
    monkeypatch.setattr(helvetica, "draw", lambda *all_: (calls.append(all_), rows)[1])
    assert printed(capsys, "helvetica", "--seed", "3", "--quiet") == f"helvetica.png\n{rows}\n"
    assert calls == [(Path("helvetica.png"), 3, True)]


def test_latent_is_drawn_by_its_module(run, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(latent, "draw", lambda *all_: calls.append(all_) or Panels())
    assert printed(capsys, "latent") == "latent.png\np_g is near p_data\n"
    printed(capsys, "latent", run, "--checkpoint", "best", "--seed", "3")
    assert calls == [
        (Path("latent.png"), pretrained.MODELS / "mnist", "last", 0),
        (Path("run/latent.png"), Path("run"), "best", 3),
    ]


def test_wasserstein_is_drawn_by_its_module(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(wasserstein, "draw", lambda *all_: calls.append(all_) or Panels())
    assert printed(capsys, "wasserstein") == "wasserstein.png\np_g is near p_data\n"
    more = ("--out", "a.svg", "--seed", "3", "--json")
    found = json.loads(printed(capsys, "wasserstein", *more))
    assert found == {"file": "a.svg", "seed": 3, "distance": 0.5}
    assert calls == [(Path("wasserstein.png"), 0), (Path("a.svg"), 3)]


def test_relatives_is_drawn_by_its_module(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(relatives, "draw", lambda *all_: calls.append(all_) or Panels())
    assert printed(capsys, "relatives", "--seed", "3") == "relatives.png\np_g is near p_data\n"
    assert calls == [(Path("relatives.png"), 3)]


@pytest.mark.parametrize("number", ["2", "3"])
def test_a_run_on_points_is_refused(tmp_path, capsys, number):
    train(tmp_path / "points", data__set="ring", generator__output="linear")
    sentence = refused(capsys, ["figure", number, "points"])
    assert sentence == (
        "minigan: points was trained on points, but Figures 2 and 3 show images: draw its samples "
        "with minigan sample points"
    )


def test_a_run_with_other_examples_than_before_is_refused(run, capsys):
    path = Path(run, "environment.json")
    facts = json.loads(path.read_text())
    facts["data"]["digest"] = "0" * 32
    path.write_text(json.dumps(facts))
    assert "the data set differs from the one that run was trained on" in refused(
        capsys, ["figure", "2", run]
    )
    assert not Path(run, "figure2.png").exists()


def test_on_a_terminal_a_long_search_is_announced_unless_quiet(run, capsys, monkeypatch):
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True, raising=False)
    assert cli.main(["figure", "2", run]) == 0
    assert capsys.readouterr().err == "searching for the nearest of 1,197 training examples\n"
    printed(capsys, "2", run, "--quiet")


def test_figure_2c_shows_a_run_on_normalised_images(tmp_path, capsys):
    path = train(tmp_path / "r", data__contrast=8.0, generator__output="linear").run.path
    out = printed(capsys, "2c", str(path))
    assert out.startswith(
        f"{path / 'figure2c.png'}\nThe nearest training images of the last sample"
    )
    rows, columns = 4 * 34 + 2, 5 * 34 + 2 + 36
    assert read(path / "figure2c.png").shape == (2 * rows, 2 * columns, 3)
    for number in ("2", "3"):
        printed(capsys, number, str(path))
        assert read(path / f"figure{number}.png").std() > 10  # numbers below 0 are not all black


def test_figure_2c_of_other_images_is_refused(run, capsys):
    assert "without normalised contrast" in refused(capsys, ["figure", "2c", run])
    assert "needs the folder of a run" in refused(capsys, ["figure", "2d"])
