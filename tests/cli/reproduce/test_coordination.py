"""`minigan reproduce coordination`: a table for each target."""

from __future__ import annotations

from refused import refused

from minigan import cli
from minigan.reports import coordination


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
