"""The remaining time is printed after each stage."""

from __future__ import annotations

from minigan.bench.gpu.stages import Stages


def run_stages(quiet):
    now = [0.0]
    stages = Stages(10, quiet=quiet, clock=lambda: now[0])
    for name, weight, seconds in (("one", 1, 2.0), ("two", 4, 6.0), ("three", 5, 0.0)):
        with stages.stage(name, weight):
            now[0] += seconds


def test_each_stage_prints_its_time_and_the_remaining_time(capsys):
    run_stages(quiet=False)
    assert capsys.readouterr().err.splitlines() == [
        "one: 2.0 s, about 18 s left",
        "two: 6.0 s, about 8 s left",
        "three: 0.0 s, about 0 s left",
    ]


def test_quiet_stages_print_nothing(capsys):
    run_stages(quiet=True)
    assert capsys.readouterr() == ("", "")
