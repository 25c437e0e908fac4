"""The command line: exit statuses, and one sentence for everything that can go wrong.

    0    done
    1    a check failed, training stopped at a number that is not finite, or minigan is wrong
    2    the input, or what the machine has, cannot be used
    130  interrupted
    141  nobody reads the output

There is no traceback without --debug.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

from minigan.cli.arguments import FAILED, INTERRUPTED
from minigan.cli.commands import COMMANDS, parser
from minigan.errors import UserError

WRONG_INPUT, UNREAD = 2, 141
LONGEST = 2000  # characters of a sentence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status. Wrong usage exits with 2."""
    _prepare_streams()
    try:
        options = parser().parse_args(arguments)
    except SystemExit:  # help, version or wrong usage was printed
        _settle()
        raise
    try:
        status = COMMANDS[options.command].run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        status = UNREAD
    except (Exception, KeyboardInterrupt) as error:
        if options.debug:
            raise
        sentence, status = _explain(error)
        _say(sentence)
    _settle()
    return status


def _explain(error: BaseException) -> tuple[str, int]:
    """The sentence and the exit status of an error."""
    if isinstance(error, UserError):
        return str(error), WRONG_INPUT
    if isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt):
        return "interrupted", INTERRUPTED  # the context: of a library interrupted at its import
    if isinstance(error, OSError):
        reason, name = error.strerror or error, error.filename or "the output"
        return f"the system refused {name}: {reason}", WRONG_INPUT
    if isinstance(error, MemoryError):
        sentence = "there is not enough memory: ask for fewer samples or smaller networks"
        return sentence, WRONG_INPUT
    if type(error).__name__ == "TrainingStopped":
        return str(error), FAILED
    return (
        f"minigan itself is wrong, please report it: {type(error).__name__}: {error} "
        "(--debug shows where)"
    ), FAILED


def _say(sentence: str) -> None:
    """One line on standard error, whatever the names in it hold."""
    line = " ".join(sentence.split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"
    with contextlib.suppress(OSError):  # there may be nobody left to tell
        print(f"minigan: {line}", file=sys.stderr, flush=True)


def _prepare_streams() -> None:
    """A closed stream is one that nobody reads; a character that it cannot show is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _settle() -> None:
    """Give up what a reader that left, or a full device, did not take: Python ends in silence."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
