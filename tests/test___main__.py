"""`python -m minigan` is the same as the command `minigan`."""

from __future__ import annotations

import runpy
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from minigan import __main__, cli


def test_the_command_minigan_is_main():
    (command,) = entry_points(group="console_scripts", name="minigan")
    assert command.load() is __main__.main


@pytest.mark.parametrize("arguments", [["--version"], ["train", "nonsense"], ["train", "--help"]])
def test_python_m_minigan_prints_and_exits_as_main_does(arguments, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["minigan", *arguments])
    monkeypatch.delitem(sys.modules, "minigan.__main__")
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("minigan", run_name="__main__")
    printed = capsys.readouterr()
    try:
        status = cli.main(arguments)
    except SystemExit as expected:
        status = expected.code
    assert stop.value.code == status
    assert printed == capsys.readouterr()


def test_a_ctrl_c_during_the_import_prints_no_traceback(capsys, monkeypatch):
    class Interrupting:
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "minigan.cli", Interrupting())
    assert __main__.main() == 130
    assert capsys.readouterr() == ("", "minigan: interrupted\n")


def test_the_exit_status_of_the_process_is_that_of_main():
    done = subprocess.run(
        [sys.executable, "-m", "minigan", "train", "nonsense"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("minigan: there is no recipe 'nonsense'")
