"""Progress is one line on a terminal, lines in a pipe, and nothing when quiet."""

from __future__ import annotations

import io
import sys

import pytest

from minigan.objectives import non_saturating
from minigan.training import progress
from minigan.training.metrics import Metrics
from minigan.training.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test sets: clock[0] in seconds."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def run(clock, seconds, words, iterations=3, quiet=False):
    with Progress(100, quiet) as bar:
        bar.write("run folder: here")
        for _ in range(iterations):
            clock[0] += seconds
            bar.advance(words)


def test_in_a_pipe_there_is_a_line_every_five_seconds(clock, capsys):
    run(clock, 5.0, "V -1.4")
    assert capsys.readouterr() == (
        "",
        "run folder: here\n"
        "1/100 iterations, 0.2 it/s, 495 s left, V -1.4\n"
        "2/100 iterations, 0.2 it/s, 490 s left, V -1.4\n"
        "3/100 iterations, 0.2 it/s, 485 s left, V -1.4\n",
    )


def test_in_a_pipe_lines_are_at_least_five_seconds_apart(clock, capsys):
    run(clock, 2.0, "V -1.4", iterations=7)
    assert capsys.readouterr().err == (
        "run folder: here\n"
        "3/100 iterations, 0.5 it/s, 194 s left, V -1.4\n"
        "6/100 iterations, 0.5 it/s, 188 s left, V -1.4\n"
    )


def test_other_things_than_iterations_are_counted_by_their_name(clock, capsys):
    with Progress(4, unit="cell") as bar:
        clock[0] += 50
        bar.advance("training")
    assert capsys.readouterr().err == "1/4 cells, 150 s left, training\n"


def test_without_new_metrics_there_is_no_line(clock, capsys):
    run(clock, 60.0, None)
    assert capsys.readouterr().err == "run folder: here\n"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quiet_shows_nothing_anywhere(clock, monkeypatch, stream):
    err = stream()
    monkeypatch.setattr(sys, "stderr", err)
    run(clock, 60.0, "V -1.4", quiet=True)
    assert err.getvalue() == ""


def test_a_terminal_shows_one_line_with_the_metrics_below_the_written_line(monkeypatch):
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    with Progress(3) as bar:
        bar.write("run folder: here")
        for _ in range(3):
            bar.advance("V -1.4")
    text = err.getvalue()
    assert "run folder: here\n" in text
    assert "3/3" in text
    assert "V -1.4" in text.splitlines()[-1]


def test_80_columns_show_what_D_says_of_examples_and_samples(monkeypatch):
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr("tqdm.std._screen_shape_wrapper", lambda: lambda stream: (80, 24))
    with Progress(40_000) as bar:
        bar.done = bar._bar.n = 39_999
        bar.advance(Metrics(-1.386, 0.693, 0.5, 0.25, penalty=2.0).describe(non_saturating))
    last = err.getvalue().replace("\r", "\n").split("\n")[-2]
    assert "40000/40000" in last
    assert "left, D(x) 0.50  D(G(z)) 0.25 [0.50]" in last[:80]


class Closed(io.StringIO):
    """A pipe that its reader has closed."""

    terminal = False

    def isatty(self):
        return self.terminal

    def write(self, text):
        raise BrokenPipeError


class ClosedTerminal(Closed):
    terminal = True


@pytest.mark.parametrize("stream", [Closed, ClosedTerminal])
def test_a_closed_pipe_or_terminal_does_not_stop_the_run(clock, monkeypatch, stream):
    err = io.StringIO() if stream is Closed else Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    with Progress(100) as bar:
        bar.write("run folder: here")
        monkeypatch.setattr(sys, "stderr", stream())
        err.write = sys.stderr.write
        for _ in range(3):
            clock[0] += 60
            bar.advance("V -1.4")
        assert bar.done == 3


def test_a_resumed_run_counts_from_the_iterations_already_done(clock, capsys):
    with Progress(100, first=50) as bar:
        for _ in range(2):
            clock[0] += 5.0
            bar.advance("V -1.4")
    assert capsys.readouterr().err == (
        "51/100 iterations, 0.2 it/s, 245 s left, V -1.4\n"
        "52/100 iterations, 0.2 it/s, 240 s left, V -1.4\n"
    )
