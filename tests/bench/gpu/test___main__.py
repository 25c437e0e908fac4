"""The exit status of the short program depends on the checks and on the device."""

from __future__ import annotations

import sys

import pytest

from minigan.bench.gpu import __main__, parity


def test_the_checks_run_without_a_memory_pool(cupy, monkeypatch):
    allocators = []
    monkeypatch.setattr(cupy.cuda, "set_allocator", allocators.append)
    monkeypatch.setattr(parity, "CHECKS", [])
    assert __main__.main([]) == 0
    assert allocators == [None]


@pytest.mark.cupy
def test_a_failed_check_is_printed_and_the_status_is_1(broken, monkeypatch, capsys):
    broken("- g[t] * eta", "+ g[t] * eta")
    checks = [c for c in parity.CHECKS if c.name in ("descent", "noise")]
    monkeypatch.setattr(parity, "CHECKS", checks)
    assert __main__.main(["cuda:0"]) == 1
    assert capsys.readouterr().err.startswith("descent: ")


def test_for_a_device_that_cannot_be_used_the_status_is_2(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert __main__.main([]) == 2
    assert capsys.readouterr().err.startswith("device cuda needs CuPy")
    assert __main__.main(["cpu"]) == 2
    assert "the device must be a GPU" in capsys.readouterr().err
