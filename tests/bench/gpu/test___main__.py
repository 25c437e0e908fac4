"""The short play's exit status says what happened."""

from __future__ import annotations

import sys

import pytest

from minigan.bench.gpu import __main__, parity


def test_all_checks_are_played_without_a_pool_of_memory(cupy, monkeypatch):
    asked = []
    monkeypatch.setattr(cupy.cuda, "set_allocator", asked.append)
    monkeypatch.setattr(parity, "CHECKS", [])
    assert __main__.main([]) == 0
    assert asked == [None]


@pytest.mark.cupy
def test_a_check_that_fails_is_named_with_status_1(broken, monkeypatch, capsys):
    broken("- g[t] * eta", "+ g[t] * eta")
    wanted = [c for c in parity.CHECKS if c.name in ("descent", "noise")]
    monkeypatch.setattr(parity, "CHECKS", wanted)
    assert __main__.main(["cuda:0"]) == 1
    assert capsys.readouterr().err.startswith("descent: ")


def test_a_device_that_cannot_be_used_is_status_2(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert __main__.main([]) == 2
    assert capsys.readouterr().err.startswith("device cuda needs CuPy")
    assert __main__.main(["cpu"]) == 2
    assert "only a GPU can be played on" in capsys.readouterr().err
