"""The command line: runs a command and turns every error into one message and an exit status.

    0    success
    1    a check failed, training stopped at a number that is not finite, or an internal error
    2    invalid input, or something that the machine lacks
    130  interrupted by Ctrl-C
    141  the reader of the output has closed the pipe

A traceback is shown only with --debug.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO, cast

from minigan.cli.arguments import FAILED, INTERRUPTED
from minigan.cli.commands import COMMANDS, parser
from minigan.errors import UserError
from minigan.system import launcher
from minigan.system.memory import missing_address_space
from minigan.system.messages import say
from minigan.system.signals import interrupted
from minigan.system.text import PrintableStream

WRONG_INPUT, CLOSED_PIPE = 2, 141
LONGEST = 2000  # characters of a message
SHARED = ("train", "reproduce")  # the commands that several ranks share


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status. Invalid arguments raise SystemExit(2)."""
    _prepare_streams()
    try:
        options = parser().parse_args(arguments)
    except SystemExit:  # argparse has printed the help, the version or an error
        _flush_streams()
        raise
    try:
        if missing := missing_address_space():
            raise UserError(missing)
        if launcher.launched_size() > 1:
            _start_ranks(options.command)
        with contextlib.redirect_stdout(cast(TextIO, PrintableStream(sys.stdout))):
            status = COMMANDS[options.command].run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        status = CLOSED_PIPE
    except (Exception, KeyboardInterrupt) as error:
        message, status = _message_and_status(error)
        line = _one_line(message)
        launcher.leave(traceback.format_exc() if options.debug else line, status)
        if options.debug:
            raise
        say(line)
    _flush_streams()
    return status


def _start_ranks(command: str) -> None:
    """Start MPI before anything else can fail: it starts only when all ranks have come here.

    Raises UserError for a command that runs in one process.
    """
    if command not in SHARED:
        raise UserError(
            f"minigan {command} runs in one process: start it without mpiexec "
            f"(with it: {', '.join(SHARED)})"
        )
    from minigan.system import mpi

    mpi.world()


def _message_and_status(error: BaseException) -> tuple[str, int]:
    """The message and the exit status for an exception."""
    if isinstance(error, UserError):
        return str(error), WRONG_INPUT
    # A library that is interrupted while it is imported may raise another error in response.
    if isinstance(error, KeyboardInterrupt) or interrupted():
        saved = f"; {error}" if isinstance(error, KeyboardInterrupt) and error.args else ""
        return f"interrupted{saved}", INTERRUPTED
    if isinstance(error, OSError):
        reason, name = error.strerror or error, error.filename or "the output"
        return f"cannot read or write {name}: {reason}", WRONG_INPUT
    if isinstance(error, MemoryError):
        return "not enough memory: use fewer samples or smaller networks", WRONG_INPUT
    if isinstance(error, ImportError) and not str(error.name).startswith("minigan"):
        while isinstance(error.__cause__, ImportError):  # NumPy's own message has many lines
            error = error.__cause__
        missing = isinstance(error, ModuleNotFoundError)
        advice = "" if missing else "raise the memory limit, or "
        return f"a library cannot be loaded: {error}; {advice}install minigan again", WRONG_INPUT
    if type(error).__name__ == "TrainingStopped":
        return str(error), FAILED
    return (
        f"internal error, please report it: {type(error).__name__}: {error} "
        "(--debug shows the traceback)"
    ), FAILED


def _one_line(message: str) -> str:
    """A message as one line, also if it contains line feeds."""
    line = " ".join(message.split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"
    return f"minigan: {line}"


def _prepare_streams() -> None:
    """Replace closed streams, and escape characters that a stream cannot encode.

    Of several ranks, only rank 0 prints.
    """
    if launcher.launched_rank():
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _flush_streams() -> None:
    """Flush both streams. On an error, redirect the stream, so that Python can exit silently."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
