"""`minigan reproduce table`: the records of a folder in the order of their names."""

from __future__ import annotations

from minigan import cli

MEASURED = ["--set", "log.monitor=parzen", "--quiet"]


def test_table_prints_the_records_of_a_folder_as_table1_has_printed_them(capsys):
    command = ["reproduce", "table1", "--recipe", "tiny.toml", "--seeds", "2,1", "--out", "t"]
    assert cli.main([*command, *MEASURED]) == 0
    out = capsys.readouterr().out
    assert cli.main(["reproduce", "table", "t"]) == 0
    assert capsys.readouterr().out == out
