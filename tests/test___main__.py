"""`python -m minigan` is the same as the command `minigan`."""

from __future__ import annotations

import runpy
import signal
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from minigan import __main__, cli
from minigan.system import signals


@pytest.fixture(autouse=True)
def handlers():
    """The handlers of pytest, which `main` replaces for the process that it ends."""
    before = {number: signal.getsignal(number) for number in signals.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


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


BURST = """
import os, signal, threading, time
from minigan import __main__
from minigan.reports.figures import helvetica

def draw(out, seed, quiet):
    from minigan.system.files import replacing
    with replacing(out):
        for _ in range(2):
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(os.getpid(), number)
        time.sleep(30)

helvetica.draw = draw
import sys
sys.argv = ["minigan", "figure", "helvetica", "--quiet", "--out", "h.png"]
sys.exit(__main__.main())
"""


def test_a_burst_of_signals_leaves_no_file_and_no_traceback(tmp_path):
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + BURST
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "minigan: interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_early_signal_prints_no_traceback(number):
    """While the parser is made, in which another main() would not be ready yet."""
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from minigan import __main__, cli\n"
        f"cli.parser = lambda: os.kill(os.getpid(), {int(number)})\n"
        "sys.argv = ['minigan', 'info']\n"
        "sys.exit(__main__.main())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "minigan: interrupted\n")
