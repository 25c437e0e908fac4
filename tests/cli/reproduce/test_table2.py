"""`minigan reproduce table2`: the cells of Table 2 and their record."""

from __future__ import annotations

from pathlib import Path

from refused import refused

from minigan import cli
from minigan.reports.table2 import reproduce as table2_cells
from minigan.reports.table2.cells import Cell
from minigan.reports.table2.measured import Measured


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
