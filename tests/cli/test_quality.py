"""`minigan quality`: a table of the samples of a run, or the same numbers as JSON."""

from __future__ import annotations

import json

import tiny
from refused import refused

from minigan import cli
from minigan.training import recipes


def test_the_table_and_its_json_have_the_same_rows(run, capsys):
    assert cli.main(["quality", run]) == 0
    table = capsys.readouterr().out.splitlines()
    assert cli.main(["quality", run, "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert table[1].startswith("samples of G ")
    assert [f"{row['nearest']:.3f}" for row in found["rows"]] == [
        line[24:].split()[0] for line in table[1:]
    ]


def test_a_conditional_run_has_a_second_table_and_points_have_only_that(capsys, tmp_path):
    for name, changes in (
        ("digits", {}),
        ("ring", {"data__set": "ring", "generator__output": "linear"}),
    ):
        text = recipes.to_toml(tiny.recipe(**tiny.CONDITIONAL, **changes))
        (tmp_path / "c.toml").write_text(text)
        assert cli.main(["train", "c.toml", "--out", name, "--quiet"]) == 0
        capsys.readouterr()
        assert cli.main(["quality", name, "--quiet"]) == 0
        table = capsys.readouterr().out.splitlines()
        assert cli.main(["quality", name, "--quiet", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert table[0].startswith("images" if name == "digits" else "class")
        assert ("rows" in found) is (name == "digits")
        start = table.index(next(line for line in table if line.startswith("class")))
        rows = found["classes"]["rows"]
        assert [line.split()[0] for line in table[start + 1 : -2]] == [one["name"] for one in rows]
        assert table[-2].startswith(f"all, {1000 * len(rows):,} samples")
        assert f"{100 * found['classes']['own']:.1f} %" in table[-2]


def test_a_folder_without_a_run_is_refused(capsys):
    assert "nowhere" in refused(capsys, ["quality", "nowhere"])
