"""The command line: each subcommand calls one public function and prints what it says.

Exit status: 0 done; 1 a check failed or training stopped; 2 the input cannot be used; 130
interrupted; 141 nobody reads the output. A wrong input gets one sentence on standard error, no
traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from minigan.arguments import parser
from minigan.errors import UserError

FAILED, WRONG_INPUT, INTERRUPTED, UNREAD = 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status. Wrong usage exits with 2."""
    options = parser().parse_args(arguments)
    try:
        status = COMMANDS[options.command](options)
        sys.stdout.flush()
    except UserError as error:
        return _complain(str(error), WRONG_INPUT)
    except BrokenPipeError:
        return _fall_silent()
    except OSError as error:
        reason, name = error.strerror or error, error.filename or "a file"
        return _complain(f"the system refused {name}: {reason}", WRONG_INPUT)
    except MemoryError:
        return _complain(
            "there is not enough memory: ask for fewer samples or smaller networks", WRONG_INPUT
        )
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    return status


def _complain(sentence: str, status: int) -> int:
    print(f"minigan: {sentence}", file=sys.stderr)
    return status


def _fall_silent() -> int:
    """The reader of a pipe, such as `head`, has left: Python must not write to it at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return UNREAD


def _train(options: Any) -> int:
    from minigan import recipe, training

    chosen = recipe.load(options.recipe)
    if options.iterations is not None:
        chosen = replace(chosen, training=replace(chosen.training, iterations=options.iterations))
    try:
        outcome = training.train(chosen, options.seed, options.device, options.out, options.quiet)
    except training.TrainingStopped as error:
        return _complain(str(error), FAILED)
    stopped = "interrupted after " if outcome.interrupted else ""
    print(f"{stopped}{outcome.iterations} iterations in {outcome.seconds:.1f} s")
    print(outcome.judgement)
    print(f"samples     {outcome.run.path / 'samples.png'}")
    print(f"checkpoint  {outcome.run.path / 'checkpoint.npz'}")
    return INTERRUPTED if outcome.interrupted else 0


def _sample(options: Any) -> int:
    from minigan import training

    out = options.out or options.run / f"sample-{options.seed}.png"
    print(training.sample(options.run, options.count, options.seed, out, options.device))
    return 0


def _gradcheck(options: Any) -> int:
    from minigan import gradcheck, proofs

    report = gradcheck.check_file(options.file) if options.file else proofs.check_all()
    print(report)
    return 0 if report.passed else FAILED


def _theory(options: Any) -> int:
    from minigan import demonstration

    table, passed = demonstration.theory(options.seed)
    print(table)
    return 0 if passed else FAILED


def _info(options: Any) -> int:
    from minigan.environment import information

    print(information())
    return 0


COMMANDS = {
    "train": _train,
    "sample": _sample,
    "gradcheck": _gradcheck,
    "theory": _theory,
    "info": _info,
}
