"""compute-sanitizer is found and run, and its output is read; no summary is not a pass."""

from __future__ import annotations

import sys

import pytest

from minigan.bench.gpu import sanitizer
from minigan.bench.gpu.sanitizer import TOOLS, find_sanitizer, read, run_tool

CLEAN = "========= COMPUTE-SANITIZER\n========= ERROR SUMMARY: 0 errors\n"
RACES = "========= RACECHECK SUMMARY: 3 hazards displayed (2 errors, 1 warning)\n"
READ = """========= COMPUTE-SANITIZER
========= Invalid __global__ read of size 4 bytes
=========     at bias_relu+0x150
=========     by thread (31,0,0) in block (0,0,0)
========= ERROR SUMMARY: 1 error
"""
OLDER = READ.replace("at bias_relu+0x150", "at 0x150 in bias_relu(float*, const float*)")
OF_CUBLAS = READ.replace("at bias_relu+0x150", "at sgemm_128x64_bias_relu_kernel+0x150")


@pytest.mark.parametrize("tool", TOOLS)
def test_no_error_and_exit_status_0_pass(tool):
    found = read(tool, CLEAN, 0)
    assert (found.errors, found.of_kernels, found.passed, found.words) == (0, 0, True, "")
    assert read(tool, CLEAN, 1).passed is False  # the program itself failed


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("output", [READ, OLDER])
def test_an_error_in_a_kernel_of_minigan_fails_every_tool(tool, output):
    found = read(tool, output, 0)
    assert (found.errors, found.of_kernels, found.passed) == (1, 1, False)
    assert "Invalid __global__ read" in found.words


def test_an_error_elsewhere_fails_memcheck_alone():
    assert {tool: read(tool, OF_CUBLAS, 0).passed for tool in TOOLS} == {
        "memcheck": False,
        "racecheck": True,
        "initcheck": True,
        "synccheck": True,
    }


def test_the_summary_of_racecheck_is_read():
    race = "========= Error: Race reported between Write access at bias_backward+0x90\n" + RACES
    assert read("racecheck", race, 0).errors == 2
    assert read("racecheck", race, 0).passed is False
    assert read("racecheck", RACES, 0).passed is True  # none of them in a kernel of minigan


def test_without_a_summary_nothing_is_known():
    found = read("memcheck", "========= Error: Device not supported\n", 1)
    assert (found.errors, found.passed) == (None, None)
    assert "Device not supported" in found.words


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A function that writes a compute-sanitizer with the given Python code."""
    file = tmp_path / "bin" / "compute-sanitizer"
    file.parent.mkdir()
    monkeypatch.setenv("PATH", "")
    for name in ("CUDA_HOME", "CUDA_PATH"):
        monkeypatch.delenv(name, raising=False)

    def write(code):
        file.write_text(f"#!{sys.executable}\nimport sys, time\n{code}\n")
        file.chmod(0o755)
        return file

    return write


def test_it_is_found_in_path_or_in_cuda_home_or_not_at_all(tool, tmp_path, monkeypatch):
    file = tool("")
    assert find_sanitizer() is None
    monkeypatch.setenv("CUDA_HOME", str(tmp_path))
    assert find_sanitizer() == file
    monkeypatch.delenv("CUDA_HOME")
    monkeypatch.setenv("PATH", str(file.parent))
    assert find_sanitizer() == file


def test_it_examines_the_short_program_on_the_device(tool):
    found = run_tool(tool("print(*sys.argv[1:])"), "initcheck", "cuda:1")
    assert found.passed is None
    assert found.words.startswith("--tool initcheck ")
    assert found.words.endswith(f"{sys.executable} -m minigan.bench.gpu cuda:1")
    assert run_tool(tool(f"print({CLEAN!r})"), "memcheck", "cuda:0").passed is True
    assert run_tool(tool(f"print({CLEAN!r}); sys.exit(1)"), "memcheck", "cuda:0").passed is False


def test_a_tool_that_hangs_or_cannot_be_run_is_recorded(tool, tmp_path):
    hanging = run_tool(tool("time.sleep(60)"), "memcheck", "cuda:0", seconds=0.2)
    assert (hanging.passed, hanging.words) == (None, "timeout after 0.2 s")
    missing = run_tool(tmp_path / "none", "memcheck", "cuda:0")
    assert (missing.passed, missing.words) == (None, "it cannot be run: No such file or directory")


def test_the_tools_are_those_of_the_manual():
    assert sanitizer.TOOLS == ("memcheck", "racecheck", "initcheck", "synccheck")
