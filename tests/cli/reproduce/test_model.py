"""`minigan reproduce model`: the exported G."""

from __future__ import annotations

from refused import refused

from minigan import cli


def test_the_exported_G_of_a_run_can_be_sampled(run, capsys, tmp_path):
    assert cli.main(["reproduce", "model", "run", "--out", "model"]) == 0
    assert capsys.readouterr().out == "model\n"
    assert cli.main(["sample", "model", "--out", "a.png"]) == 0
    assert (tmp_path / "a.png").exists()


def test_the_exported_G_cannot_be_resumed(run, capsys):
    assert cli.main(["reproduce", "model", "run", "--out", "model"]) == 0
    capsys.readouterr()
    words = "minigan: model is an exported generator without D, which cannot be resumed: give a run"
    assert refused(capsys, ["train", "--resume", "model"]).startswith(words)
