"""The memory size of the machine, if the system reports it."""

from __future__ import annotations

import os

import pytest

from minigan.system.memory import memory


def test_the_memory_is_that_of_proc_meminfo():
    with open("/proc/meminfo", encoding="ascii") as file:
        total = int(file.readline().split()[1]) * 1024  # MemTotal, in kB
    assert memory() == pytest.approx(total, rel=0.1)


def test_the_memory_is_none_if_the_system_does_not_report_it(monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert memory() is None
