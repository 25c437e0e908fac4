"""`minigan reproduce record`: the record of a run, next to it or at --out."""

from __future__ import annotations

from refused import refused

from minigan import cli

MEASURED = ["--set", "log.monitor=parzen", "--quiet"]


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
