"""The command line: exit statuses, and one sentence for everything that can go wrong.

    0    done
    1    a check failed, training stopped at a number that is not finite, or minigan is wrong
    2    the input, or what the machine has, cannot be used
    130  interrupted
    141  nobody reads the output

There is no traceback without --debug.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from minigan.cli.arguments import parser
from minigan.cli.commands import COMMANDS, FAILED, INTERRUPTED
from minigan.errors import UserError

WRONG_INPUT, UNREAD = 2, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status. Wrong usage exits with 2."""
    options = parser().parse_args(arguments)
    try:
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _fall_silent()
    except (Exception, KeyboardInterrupt) as error:
        if options.debug:
            raise
        sentence, status = _explain(error)
        print(f"minigan: {sentence}", file=sys.stderr)
    return status


def _explain(error: BaseException) -> tuple[str, int]:
    """The sentence and the exit status of an error."""
    if isinstance(error, UserError):
        return str(error), WRONG_INPUT
    if isinstance(error, OSError):
        reason, name = error.strerror or error, error.filename or "a file"
        return f"the system refused {name}: {reason}", WRONG_INPUT
    if isinstance(error, MemoryError):
        sentence = "there is not enough memory: ask for fewer samples or smaller networks"
        return sentence, WRONG_INPUT
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    if type(error).__name__ == "TrainingStopped":
        return str(error), FAILED
    words = " ".join(str(error).split())
    return (
        f"minigan itself is wrong, please report it: {type(error).__name__}: {words} "
        "(--debug shows where)"
    ), FAILED


def _fall_silent() -> int:
    """The reader of a pipe, such as `head`, has left: Python must not write to it at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return UNREAD
