"""`minigan bench`: the report, kept and compared."""

from __future__ import annotations

import pytest
from refused import refused

from minigan import cli


def test_bench_prints_a_report_keeps_it_and_compares(capsys):
    command = ["bench", "--quick", "--only", "iteration", "--quiet"]
    assert cli.main([*command, "--json", "old.json"]) == 0
    assert "| limit |" in capsys.readouterr().out
    assert cli.main([*command, "--threads", "1", "--compare", "old.json"]) == 0
    assert "old" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "x"], "'x' cannot be measured: choose from layers, iteration, growth, start"),
        (["--compare", "no.json"], "no.json cannot be read: No such file or directory"),
        (["--compare", "tiny.toml"], "this is not a report that minigan bench --json wrote"),
        (["--threads", "-1"], "argument --threads: '-1' is not a whole number from 0 to 1024"),
    ],
)
def test_bench_refuses_what_it_cannot_use(capsys, words, sentence):
    assert refused(capsys, ["bench", "--quick", *words]).startswith(f"minigan: {sentence}")
