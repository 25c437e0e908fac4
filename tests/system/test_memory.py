"""The memory of the machine, where the system tells it."""

from __future__ import annotations

import os

import pytest

from minigan.system.memory import memory


def test_the_memory_is_that_of_the_machine():
    with open("/proc/meminfo", encoding="ascii") as file:
        total = int(file.readline().split()[1]) * 1024  # MemTotal, in kB
    assert memory() == pytest.approx(total, rel=0.1)


def test_a_system_that_does_not_tell_is_no_failure(monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert memory() is None
