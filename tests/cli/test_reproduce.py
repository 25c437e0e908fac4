"""`minigan reproduce`: runs, records and their table, and one message for every wrong input."""

from __future__ import annotations

from pathlib import Path

import pytest
from refused import refused

from minigan import cli
from minigan.reports import coordination
from minigan.reports.table1 import whole
from minigan.reports.table2 import reproduce as table2_cells
from minigan.reports.table2.cells import Cell
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.names import COLUMNS, ROWS
from minigan.training import recipes

MEASURED = ["--set", "log.monitor=parzen", "--quiet"]


def test_table1_trains_writes_records_and_prints_their_table(capsys, tmp_path):
    command = ["reproduce", "table1", "--recipe", "tiny.toml", "--seeds", "2,1", "--out", "t"]
    assert cli.main([*command, *MEASURED]) == 0
    out = capsys.readouterr().out
    assert out.startswith("| no. | settings that differ from the published configuration |")
    assert "**mean ± deviation of 2**" in out
    assert (tmp_path / "t/tiny-seed-2.json").exists()
    assert cli.main(["reproduce", "table", "t"]) == 0
    assert capsys.readouterr().out == out


def test_modes_prints_the_modes_of_each_seed(capsys, tmp_path):
    points = ["--set", "data.set=ring", "--set", "generator.output=linear"]
    command = ["reproduce", "modes", "--recipe", "tiny.toml", *points, "--seeds", "2", "--quiet"]
    assert cli.main([*command, "--out", "m"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "| seed | modes | within 3 s | KL | seconds |"
    assert out.endswith(" by 0 of 1 seeds\n")
    assert (tmp_path / "m/tiny.json").exists()


def test_coordination_prints_a_table_for_each_target(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(coordination, "arrival", lambda task, recipe, seed: (100 * seed, 0.5))
    command = ["reproduce", "coordination", "--seeds", "1,3", "--out", "c", "--quiet"]
    assert cli.main([*command, "--switches", "z spherical", "lazy"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ring: all 8 modes, at most 2,000 iterations\n\n| switch | reached |")
    assert out.count("| z spherical | 2 of 2 | 200 ± 141 | 0.5 ± 0.0 |") == 2
    assert max(map(len, out.splitlines())) <= 80
    assert (tmp_path / "c/coordination.json").exists()
    assert cli.main([*command, "--tasks", "digits", "--switches", "lazy"]) == 0
    assert capsys.readouterr().out.startswith("digits: LL >= 0 nats")
    assert "there is no 'lasy'; did you mean lazy?" in refused(
        capsys, [*command, "--switches", "lasy"]
    )


def test_table2_prints_the_cells_of_a_row_and_records_them(capsys, tmp_path, monkeypatch):
    one = Cell(
        "is hard", "{value:.1f} {unit}", lambda models: Measured(models.seed, "nats"), "", {}
    )
    cells = {(row, "directed"): one for row in ("training", "sampling")}
    monkeypatch.setattr(table2_cells, "CELLS", cells)
    command = ["reproduce", "table2", "--seed", "3", "--out", "t2", "--quiet"]
    assert cli.main([*command, "--rows", "sampling"]) == 0
    out = capsys.readouterr().out
    assert out == (
        "Sampling\n  deep directed models: is hard\n      3.0 nats\n\n"
        f"record: {Path('t2', 'table2.json')}, seed 3\n"
    )
    assert cli.main(command) == 0
    assert capsys.readouterr().out.startswith("Training\n")
    assert (tmp_path / "t2/table2.json").exists()
    assert "there is no 'samplin'; did you mean sampling?" in refused(
        capsys, [*command, "--rows", "samplin"]
    )
    assert "there is no 'gan'" in refused(capsys, [*command, "--columns", "gan"])


def test_a_measured_cell_is_printed_if_the_record_cannot_be_written(capsys, monkeypatch):
    def full(file, data):
        raise OSError(28, "No space left on device")

    one = Cell("is hard", "{value:.1f} {unit}", lambda models: Measured(3, "nats"), "", {})
    monkeypatch.setattr(table2_cells, "CELLS", {("sampling", "directed"): one})
    monkeypatch.setattr(table2_cells, "write_atomically", full)
    assert cli.main(["reproduce", "table2", "--out", "t2", "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == "Sampling\n  deep directed models: is hard\n      3.0 nats\n"
    assert err.endswith("cannot be written: No space left on device: choose another --out\n")


def test_a_record_is_written_next_to_the_run_or_to_out(capsys, tmp_path):
    assert cli.main(["train", "tiny.toml", "--out", "run", *MEASURED]) == 0
    assert cli.main(["reproduce", "record", "run", "--quiet"]) == 0
    assert cli.main(["reproduce", "record", "run", "--quiet", "--out", "x.json"]) == 0
    assert (tmp_path / "run.json").read_bytes() == (tmp_path / "x.json").read_bytes()
    capsys.readouterr()
    again = ["reproduce", "record", "run", "--quiet"]
    assert refused(capsys, again).endswith("run.json already exists: choose another --out")
    (tmp_path / "run.json").unlink()
    assert cli.main([*again, "--failure", "NaN at 7"]) == 0
    assert capsys.readouterr().out.endswith("| NaN at 7 |\n")
    (tmp_path / "run.json").unlink()
    assert cli.main([*again, "--remark", "odd"]) == 0
    assert capsys.readouterr().out.endswith("| odd |\n")


def test_the_exported_G_of_a_run_can_be_sampled(run, capsys, tmp_path):
    assert cli.main(["reproduce", "model", "run", "--out", "model"]) == 0
    assert capsys.readouterr().out == "model\n"
    assert cli.main(["sample", "model", "--out", "a.png"]) == 0
    assert (tmp_path / "a.png").exists()


def test_the_defaults_are_the_recipe_mnist_from_five_seeds():
    options = cli.commands.parser().parse_args(["reproduce", "table1"])
    assert options.recipe == "mnist"
    assert "mnist" in recipes.names()
    assert options.seeds == [1, 2, 3, 4, 5]
    assert cli.commands.parser().parse_args(["reproduce", "modes"]).recipe == "grid"
    options = cli.commands.parser().parse_args(["reproduce", "table2"])
    assert (options.seed, str(options.out)) == (0, "runs/table2")
    assert (options.rows, options.columns) == (list(ROWS), list(COLUMNS))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: ACTION"),
        (["table1", "--seeds", "1,1"], "argument --seeds: '1,1' contains a seed twice"),
        (["table1", "--seeds", "1,x"], "argument --seeds: 'x' is not a whole number"),
        (["table1", "--recipe", "none"], "there is no recipe 'none'"),
        (["table1", "--recipe", "tiny.toml"], "tiny does not select its best checkpoint"),
        (["modes", "--recipe", "tiny.toml"], "tiny has data.set = 'digits', whose modes are not"),
        (["record", "mnist"], "mnist is a pretrained generator without D: give a run folder"),
        (["record", "x", "--out", "no/x.json"], "the folder no of --out does not exist: create"),
        (["record", "absent"], "absent is not a run folder"),
        (["table", "absent"], "absent contains no records"),
    ],
)
def test_invalid_arguments_are_refused_with_one_message(capsys, words, sentence):
    assert refused(capsys, ["reproduce", *words]).startswith(f"minigan: {sentence}")


def test_the_whole_table1_is_printed_and_what_it_cannot_have_is_refused(capsys, monkeypatch):
    asked = []

    def made(*arguments):
        asked.append(arguments)
        return "the table", {}

    monkeypatch.setattr(whole, "whole_table1", made)
    command = ["reproduce", "table1", "--all", "--recipe", "digits", "--quiet"]
    assert cli.main(command) == 0
    assert cli.main([*command, "--seeds", "2,3", "--out", "t", "--jobs", "2"]) == 0
    assert capsys.readouterr().out == "the table\n" * 2
    assert asked == [
        ("digits", [1], Path("runs/table1-all"), None, None, True, 1),
        ("digits", [2, 3], Path("t"), None, None, True, 2),
    ]
    for more, sentence in (
        (["--set", "training.m=9"], "--set changes one recipe, and --all has four: leave it out"),
        (["--sweep", "training.m", "9"], "--sweep changes one recipe, and --all has four: leave"),
    ):
        assert sentence in refused(capsys, [*command, *more])
    monkeypatch.setattr(whole, "whole_table1", lambda *where: (None, {"mnist-seed-1": "disk full"}))
    assert "1 of the runs have failed: mnist-seed-1: disk full" in refused(capsys, command)
