"""The memory of the machine, if the system reports it, and a limit that is too small."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys

import pytest

from minigan.system import memory as memory_module
from minigan.system.memory import memory, missing_address_space


def test_the_memory_is_that_of_proc_meminfo():
    with open("/proc/meminfo", encoding="ascii") as file:
        total = int(file.readline().split()[1]) * 1024  # MemTotal, in kB
    assert memory() == pytest.approx(total, rel=0.1)


def test_the_memory_is_none_if_the_system_does_not_report_it(monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert memory() is None


@pytest.mark.parametrize(("threads", "needed"), [("1", 170), ("2", 190)])
def test_a_limit_below_the_libraries_is_reported(monkeypatch, threads, needed):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    for limit, refused in ((needed * 2**20 - 1, True), (needed * 2**20, False)):
        monkeypatch.setattr(resource, "getrlimit", lambda kind, limit=limit: (limit, limit))
        sentence = missing_address_space()
        assert (sentence is not None) == refused
        if sentence:
            assert f"minigan needs at least {needed} MiB: raise the limit" in sentence


def test_without_a_limit_nothing_is_missing(monkeypatch):
    unlimited = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (unlimited, unlimited))
    assert missing_address_space() is None


@pytest.mark.parametrize(("value", "threads"), [("", 8), ("x", 8), ("0", 8), ("3", 3), ("64", 8)])
def test_the_threads_are_those_of_openblas(monkeypatch, value, threads):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert memory_module._threads() == threads


@pytest.mark.parametrize("megabytes", [60, 100, 140, 165])
def test_a_command_below_the_limit_ends_with_one_sentence(megabytes):
    code = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20, {megabytes} << 20))\n"
        "from minigan.__main__ import main\n"
        "sys.argv = ['minigan', 'gradcheck']\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert re.fullmatch(r"minigan: not enough memory: .*raise the limit\n", done.stderr)
