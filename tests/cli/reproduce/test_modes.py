"""`minigan reproduce modes`: the modes that each G finds."""

from __future__ import annotations

from minigan import cli


def test_modes_prints_the_modes_of_each_seed(capsys, tmp_path):
    points = ["--set", "data.set=ring", "--set", "generator.output=linear"]
    command = ["reproduce", "modes", "--recipe", "tiny.toml", *points, "--seeds", "2", "--quiet"]
    assert cli.main([*command, "--out", "m"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "| seed | modes | within 3 s | KL | seconds |"
    assert out.endswith(" by 0 of 1 seeds\n")
    assert (tmp_path / "m/tiny.json").exists()
