"""Run a minigan command in a forked process, and send it signals at given moments.

A fork is fast because the parent has imported every module. The parent runs no command itself, so
it has only one thread.
"""

from __future__ import annotations

import functools
import gc
import importlib
import io
import json
import os
import selectors
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from PIL import Image

from minigan import cli
from minigan.cli import sample, train
from minigan.data import sets
from minigan.evaluation import quality
from minigan.training import sample_sheet, trainer
from minigan.training.experiment import Experiment

LOADED_LATE = (
    "minigan.training.sampling",
    "minigan.training.trainer",
    "encodings.cp437",
    "multiprocessing.synchronize",
    "numpy.ma",
    "numpy.random",
)
FORKING = os.getpid()
HANGS = 20.0  # seconds after which a child is killed
AFTER_THE_END = 99

Moment = tuple[str, float, int]  # text in the output, seconds after it, signal


@dataclass(frozen=True)
class End:
    """The end of a command: its status (-n for signal n), events, output, errors and times."""

    status: int
    events: list[dict[str, Any]]
    text: str
    err: str
    seconds: float
    left: float | None  # seconds from the last signal to the end

    def events_named(self, event: str) -> list[dict[str, Any]]:
        """The events with this name."""
        return [one for one in self.events if one["event"] == event]


def prepare() -> None:
    """Import the slow modules, make runs short, and ignore Ctrl-C outside of a command."""
    for module in LOADED_LATE:
        importlib.import_module(module)
    Image.preinit()
    sample_sheet.IMAGES_PER_SHEET, quality.N_SAMPLES, trainer.N_SAMPLES = (
        9,
        100,
        100,
    )  # small files, little computation
    sets.load = functools.cache(sets.load)
    assert sets.load("digits", None, 0, 0, 0).digest
    signal.signal(signal.SIGINT, _ctrl_c)
    warnings.simplefilter("ignore", ResourceWarning)  # if Ctrl-C comes between open() and with
    gc.freeze()  # otherwise the garbage collector makes each child copy these pages
    threads = len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 1
    assert threads == 1, "a process with threads must not fork"


def run(
    arguments: Sequence[str], *moments: Moment, before: Callable[[], None] = lambda: None
) -> End:
    """Fork, run the command in the child, send the signals, and wait for the end."""
    (out, child_out), (err, child_err) = os.pipe(), os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        os.close(err)
        _be_the_child(arguments, child_out, child_err, before)
    os.close(child_out)
    os.close(child_err)
    received, sent = _watch(pid, {"out": out, "err": err}, list(moments))
    _, status = os.waitpid(pid, 0)
    end = time.monotonic()
    lines = received["out"].decode().split("\n")[:-1]
    return End(
        os.waitstatus_to_exitcode(status),
        [json.loads(line) for line in lines if line.startswith('{"event"')],
        "\n".join(line for line in lines if not line.startswith('{"event"')),
        received["err"].decode(),
        end - start,
        None if sent is None else end - sent,
    )


def _be_the_child(arguments: Sequence[str], out: int, err: int, before: Callable[[], None]) -> None:
    """Run the command, then print a last event with the numbers of the finished iterations."""
    status = AFTER_THE_END
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = (_text(handle) for handle in (1, 2))
        before()
        finished, iterate = [], Experiment.iterate

        def counted(self: Experiment, t: int) -> Any:
            logits = iterate(self, t)
            finished.append(t + 1)
            return logits

        Experiment.iterate = counted
        status = cli.main(arguments)
        print(json.dumps({"event": "main", "status": status, "finished": finished}), flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _text(handle: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(handle, "w", closefd=False)), "utf-8")


def _watch(
    pid: int, pipes: dict[str, int], moments: list[Moment]
) -> tuple[dict[str, bytes], float | None]:
    """Read both pipes to their ends, and send the signals that are due before that."""
    received, since = dict.fromkeys(pipes, b""), time.monotonic()
    limit, sent = time.monotonic() + HANGS, None
    with selectors.DefaultSelector() as selector:
        for name, pipe in pipes.items():
            selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            now = time.monotonic()
            if now > limit:
                os.kill(pid, signal.SIGKILL)
            due = limit + 1
            if moments and moments[0][0].encode() in received["out"]:
                if since is None:
                    since = now
                due = since + moments[0][1]
                if now >= due:
                    os.kill(pid, moments.pop(0)[2])
                    sent = since = now
                    continue
            elif moments:
                since = None
            for key, _ in selector.select(max(0.0, min(due, limit + 1) - now)):
                data = os.read(key.fd, 65536)
                received[key.data] += data
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return received, sent


def _ctrl_c(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt in a command; ignore the signal before and after the command.

    Python prints and discards an exception from `__del__`, so the signal is sent again after it.
    """
    if frame is not None and frame.f_code.co_name == "__del__":
        signal.raise_signal(number)
        return
    while frame is not None:
        if os.getpid() == FORKING or frame.f_code in COMMANDS:
            raise KeyboardInterrupt
        frame = frame.f_back


COMMANDS = {train.run.__code__, sample.run.__code__}
