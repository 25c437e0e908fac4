"""Text of files cannot control a terminal, a shell or a table."""

from __future__ import annotations

import io
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from minigan.system.text import PrintableStream, command, printable, shell_words, table_cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é ± 漢\n\tnext", "plain é ± 漢\n\tnext"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b2J\x7f\r", "\\x9b2J\\x7f\\r"),  # C1 control, delete, carriage return
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),  # changes of the reading direction
        ("\u2028\ud800\0", "\\u2028\\ud800\\x00"),
    ],
)
def test_only_control_characters_are_escaped(text, shown):
    assert printable(text) == shown
    stream = io.StringIO()
    print(text, end="", file=PrintableStream(stream))
    assert stream.getvalue() == shown


def test_a_stream_keeps_its_other_methods():
    stream = PrintableStream(io.StringIO("a"))
    assert not stream.isatty()
    assert stream.read() == "a"
    stream.flush()


NAMES = [
    "run",
    "my run",
    "a; touch owned",
    "it's",
    "$(touch owned)",
    "-run",
    "back\\slash",
    "line\nbreak",
    "\x1b[2J'\\",
    "\u202eé",
    "\udcff",  # a byte that is not UTF-8
]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_gives_the_shell_exactly_the_path(tmp_path, name):
    text = command("train", "--resume", Path(name))
    assert printable(text, frozenset()) == text
    if shutil.which("bash"):
        script = f"minigan() {{ printf '%s\\0' \"$@\"; }}; {text}"
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=True)
        words = done.stdout.split(b"\0")[:-1]
        expected = f"./{name}" if name.startswith("-") else name
        assert words == [b"train", b"--resume", expected.encode("utf-8", "surrogateescape")]
    assert list(tmp_path.iterdir()) == []


def test_a_plain_path_is_not_quoted():
    assert command("sample", Path("runs/digits-1")) == "minigan sample runs/digits-1"
    assert shlex.split(command("sample", Path("my run"))) == ["minigan", "sample", "my run"]
    assert shell_words("cp", Path("my run"), Path("-copy")) == "cp 'my run' ./-copy"


def test_a_cell_is_one_line_without_bars():
    assert table_cell("one | two\nthree\r\n four") == "one &#124; two three four"
