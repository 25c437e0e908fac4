"""`minigan theory`: prints every statement, and fails if one of them fails."""

from __future__ import annotations

from minigan import cli


def test_theory_prints_every_statement_and_fails_if_one_fails(capsys, monkeypatch):
    assert cli.main(["theory", "--seed", "5"]) == 0
    out = capsys.readouterr().out
    for statement in ("Prop. 1", "Eq. 2", "Thm 1", "Eq. 6", "Prop. 2", "by training"):
        assert statement in out
    monkeypatch.setattr("minigan.theory.demonstration.ACCEPTED", 0.0)
    assert cli.main(["theory"]) == 1
