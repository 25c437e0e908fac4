"""`minigan quality`: a table of the samples of a run, or the same numbers as JSON."""

from __future__ import annotations

import json

from refused import refused

from minigan import cli


def test_the_table_and_its_json_have_the_same_rows(run, capsys):
    assert cli.main(["quality", run]) == 0
    table = capsys.readouterr().out.splitlines()
    assert cli.main(["quality", run, "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert table[1].startswith("samples of G ")
    assert [f"{row['nearest']:.3f}" for row in found["rows"]] == [
        line[24:].split()[0] for line in table[1:]
    ]


def test_a_folder_without_a_run_is_refused(capsys):
    assert "nowhere" in refused(capsys, ["quality", "nowhere"])
