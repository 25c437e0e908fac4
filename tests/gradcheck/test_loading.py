"""A file is executed as `python FILE` does; its exceptions are one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError
from minigan.gradcheck.loading import loaded


def module_of(tmp_path, content):
    file = tmp_path / "mylayer.py"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with loaded(file) as module:
        return module


def message_of(tmp_path, content):
    with pytest.raises(GradcheckInputError) as caught:
        module_of(tmp_path, content)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(tmp_path), "")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfx = 'f\xc3\xbcr'\n",
        b"# -*- coding: latin-1 -*-\nx = 'f\xfcr'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = 'f\xfcr'\r\n",
        b"from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\n"
        b"class Config:\n    x: str = 'f\\xfcr'\nx = Config().x\n",
        b"import sys\nme = sys.modules[__name__]\nme.x = 'f\\xfcr'\n",
        b"import sys\nfrom pathlib import Path\nassert Path(sys.argv[0]) == Path(__file__)\n"
        b"assert Path(sys.path[0], 'mylayer.py') == Path(__file__)\nx = 'f\\xfcr'\n",
        b"import inspect, sys\ndef f(): return 'f\\xfcr'\nassert 'def f' in inspect.getsource(f)\n"
        b"x = f()",
    ],
)
def test_what_python_runs_is_executed(tmp_path, content):
    assert module_of(tmp_path, content).x == "für"
    subprocess.run([sys.executable, tmp_path / "mylayer.py"], check=True)


def test_the_main_part_is_not_executed(tmp_path):
    assert module_of(tmp_path, "x = 3\nif __name__ == '__main__':\n    1 / 0\n").x == 3


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mylayer_to_check", sys)
    before = sys.path, list(sys.path), sys.argv, dict(sys.modules)
    module = module_of(tmp_path, "import sys\nsys.path = []\nsys.argv = None\n")
    assert (sys.path, list(sys.path), sys.argv, dict(sys.modules)) == before
    assert module.__name__ not in sys.modules
    assert os.listdir(tmp_path) == ["mylayer.py"]


def test_a_changed_file_of_the_same_size_and_time_is_read_again(tmp_path):
    for value in (1, 2):
        file = tmp_path / "mylayer.py"
        file.write_text(f"x = {value}\n")
        os.utime(file, (1, 1))
        with loaded(file) as module:
            assert module.x == value


def test_it_may_import_from_its_folder_at_any_time(tmp_path):
    (tmp_path / "neighbour_of_mylayer.py").write_text("from math import pi\n")
    file = tmp_path / "mylayer.py"
    file.write_text("def f():\n    import neighbour_of_mylayer\n    return neighbour_of_mylayer.pi")
    with loaded(file) as module:
        assert module.f() == np.pi
    del sys.modules["neighbour_of_mylayer"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def forward(x:\n  pass", "line 1: invalid Python"),
        ("x = 1\n\nx = 1 +\n", "line 3: invalid Python"),
        (b"x = '\xfc'\n", r"(?:line \d: )?invalid Python: .*0xfc"),
        (b"# coding: klingon\n", r"(?:line \d: )?invalid Python: .*klingon"),
        (b"x = 1\0", r"(?:line \d: )?(?:invalid Python|the code raised)"),
        ("x = 1\ny = 1 / 0\n", "line 2: the code raised ZeroDivisionError: division by zero; corr"),
        ("import no_such_module_at_all\n", "line 1: the code raised ModuleNotFoundError: No"),
        ("raise SystemExit(3)\n", "line 1: the code raised SystemExit: 3;"),
        ("raise GeneratorExit\n", "line 1: the code raised GeneratorExit: no message;"),
        ("raise StopIteration\n", "line 1: the code raised StopIteration: no message;"),
        ("import asyncio; raise asyncio.CancelledError", "line 1: the code raised CancelledError"),
        ("class E(BaseException): pass\nraise E('x')", "line 2: the code raised E: x;"),
        ("def f(): f()\nf()", "line 1: the code raised RecursionError: maximum"),
        ("raise MemoryError", "line 1: the code raised MemoryError"),
        (
            "class E(Exception):\n  def __str__(self): raise SystemExit\nraise E",
            "line 3: the code raised E, whose message cannot be printed; correct",
        ),
        (
            "raise ValueError('a\\n\\x1b[31mb\\x00')",
            r"line 1: the code raised ValueError: a \\x1b\[31mb\\x00; corr",
        ),
        (
            "raise ValueError('a' * 10**7)",
            r"line 1: the code raised ValueError: a{149}\.\.\.a{148}; correct it",
        ),
        ("exec(compile('1 +', 'other.py', 'exec'))", "line 1: the code raised SyntaxError: "),
    ],
)
def test_an_exception_is_one_sentence_with_file_and_line(tmp_path, text, message):
    found = message_of(tmp_path, text)
    assert re.match(rf"/mylayer\.py[,:] {message}", found), found
    assert len(found) < 500


def test_the_exception_is_the_cause_for_debug(tmp_path):
    with pytest.raises(GradcheckInputError) as caught:
        module_of(tmp_path, "1 / 0")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_interrupt_is_not_converted(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        module_of(tmp_path, "raise KeyboardInterrupt")


def test_a_missing_file_or_a_folder_is_refused(tmp_path):
    for name, reason in (
        ("none.py", "no such file"),
        ("", "Is a directory"),
        ("\0", "its name is not valid"),
    ):
        with (
            pytest.raises(GradcheckInputError, match=reason),
            loaded(Path(f"{tmp_path}/{name}")),
        ):
            pass


@pytest.mark.linux
def test_a_pipe_a_device_and_a_huge_file_are_refused_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(16_000_001)
    for path, reason in (
        (tmp_path / "pipe.py", "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / "huge.py", "larger than 16,000,000 bytes"),
    ):
        with pytest.raises(GradcheckInputError, match=f"{path.name}.*{reason}"), loaded(path):
            pass
