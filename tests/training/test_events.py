"""Each event is one line of JSON, flushed at once; a closed pipe does not stop the run."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from minigan.training.events import Events


def test_an_event_is_one_line_of_json(capsys):
    events = Events(enabled=True)
    events.emit("log", iteration=3, V=-1.25)
    events.emit("end", path="a\nb")
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"event": "log", "iteration": 3, "V": -1.25},
        {"event": "end", "path": "a\nb"},
    ]


def test_nothing_is_written_if_events_are_not_enabled(capsys):
    Events(enabled=False).emit("log", iteration=3)
    assert capsys.readouterr().out == ""


def test_a_number_that_is_not_finite_is_an_error(capsys):
    with pytest.raises(ValueError, match="not JSON compliant"):
        Events(enabled=True).emit("log", V=float("nan"))


def test_a_closed_pipe_disables_events_without_an_error():
    code = (
        "from minigan.training.events import Events\n"
        "events = Events(enabled=True)\n"
        "for i in range(100_000): events.emit('log', iteration=i)\n"
        "raise SystemExit(7 if not events.enabled else 8)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 7
