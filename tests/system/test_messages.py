"""Standard error that is full, closed or missing loses the text, and nothing else."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from tqdm import tqdm

from minigan.system.messages import Messages, say, stderr, step_log


def test_a_line_is_written_at_once(capsys):
    say("a line")
    assert capsys.readouterr() == ("", "a line\n")


def test_a_step_is_shown_on_a_terminal_only_and_not_if_quiet(capsys, monkeypatch):
    step_log("computing")("the mean")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True, raising=False)
    step_log("computing")("the mean")
    step_log("computing", quiet=True)("the mean")
    assert capsys.readouterr() == ("", "computing the mean\n")


class Full(io.StringIO):
    encoding = "ascii"

    def write(self, text):
        raise OSError(28, "No space left on device")

    def flush(self):
        self.write("")


CLOSED = io.StringIO()
CLOSED.close()


@pytest.mark.parametrize("stream", [Full(), CLOSED, None], ids=["full", "closed", "none"])
def test_text_that_cannot_be_written_is_lost(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    say("a line")
    assert stderr().write("four") == 4
    assert not stderr().isatty()
    with tqdm(total=2, file=stderr()) as bar:
        bar.update()


def test_everything_else_is_that_of_the_stream():
    assert Messages(io.TextIOWrapper(io.BytesIO(), "latin-1")).encoding == "latin-1"


@pytest.mark.parametrize("command", [["info"], ["theory", "--seed", "x"]])
@pytest.mark.parametrize("stderr_to", ["/dev/full", "&-"])
def test_the_status_of_a_command_does_not_depend_on_standard_error(command, stderr_to):
    shell = f'exec "$0" -m minigan "$@" 2>{stderr_to}'
    done = subprocess.run(["sh", "-c", shell, sys.executable, *command], stdout=subprocess.PIPE)
    assert done.returncode == (0 if command == ["info"] else 2)
