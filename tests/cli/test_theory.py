"""`minigan theory`: prints every statement, and fails if one of them fails."""

from __future__ import annotations

from minigan import cli
from minigan.theory import demonstration


def test_theory_prints_every_statement_and_fails_if_one_fails(capsys, monkeypatch):
    assert cli.main(["theory", "--seed", "5"]) == 0
    out = capsys.readouterr().out
    for statement in ("Prop. 1", "Eq. 2", "Thm 1", "Eq. 6", "Prop. 2", "W1, by training"):
        assert statement in out
    untrained = demonstration.train_D(steps=0)
    monkeypatch.setattr(demonstration, "train_D", lambda: untrained)
    assert cli.main(["theory"]) == 1
