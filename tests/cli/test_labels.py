"""`minigan labels`: a table, its files and a plot; wrong input is refused in one sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from refused import refused
from runs_of import train

from minigan import cli
from minigan.evaluation import few_labels as protocol
from minigan.reports import few_labels
from minigan.training.runs import checkpoint


@pytest.fixture(autouse=True)
def few_fits(monkeypatch):
    monkeypatch.setattr(few_labels, "SUBSETS", 2)
    monkeypatch.setattr(protocol, "DECAYS", (1e-1, 1e-3))


def test_the_json_has_the_printed_numbers_and_the_files_exist(run, capsys):
    arguments = ["labels", run, "--labels", "20", "--plot", "plot.png"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[0] == "run/labels"
    assert {path.name for path in Path("run/labels").iterdir()} == {"errors.json", "given.csv"}
    assert Path("plot.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main([*arguments, "--json", "--out", "elsewhere"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("out") == "elsewhere"
    assert found == json.loads(Path("run/labels/errors.json").read_text())
    means = [100 * sum(errors[0]) / 2 for errors in found["errors"].values()]
    assert all(f"{mean:.2f} ±" in out for mean in means)


def test_another_seed_gives_other_images(run, capsys):
    assert cli.main(["labels", run, "--labels", "20", "--seed", "1"]) == 0
    first = Path("run/labels/given.csv").read_text()
    assert cli.main(["labels", run, "--labels", "20"]) == 0
    assert Path("run/labels/given.csv").read_text() != first


def test_wrong_input_is_refused_in_one_sentence(run, capsys, monkeypatch):
    one = ["labels", run]
    assert "cannot be balanced" in refused(capsys, [*one, "--labels", "20", "25"])
    assert "too many" in refused(capsys, [*one, "--labels", "1180"])
    assert "layer 3 does not exist" in refused(capsys, [*one, "--layer", "3"])
    assert "without D" in refused(capsys, ["labels", "mnist"])
    assert "is not a run folder" in refused(capsys, ["labels", "nowhere"])
    assert "must end in .png" in refused(capsys, [*one, "--plot", "plot.txt"])
    Path("file").write_text("")
    assert "file: File exists" in refused(capsys, [*one, "--out", "file"])
    train(Path("ring"), data__set="ring", generator__output="linear")
    assert "ring contains points" in refused(capsys, ["labels", "ring"])
    train(Path("c"), generator__class_units=2, discriminator__class_units=2)
    assert "c is a conditional run" in refused(capsys, ["labels", "c"])
    arrays = checkpoint.load(Path("run/checkpoint.npz"))
    checkpoint.save(Path("run/checkpoint.npz"), {"theta_g": arrays["theta_g"]})
    assert '"theta_d" is missing' in refused(capsys, one)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    assert "minigan labels needs SciPy: " in refused(capsys, one)
