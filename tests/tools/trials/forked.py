"""A minigan command in a process of its own, forked in a moment, with signals at given moments.

The process that forks has imported everything and runs no command itself, so it has one thread.
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
from minigan.training import recorder, trainer
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

Moment = tuple[str, float, int]  # after the first event that holds these words, seconds, signal


@dataclass(frozen=True)
class End:
    """How a command ended: its status (minus a signal), what it said, and when it got what."""

    status: int
    events: list[dict[str, Any]]
    text: str
    err: str
    seconds: float
    left: float | None  # seconds from the last signal that was sent to the end

    def told(self, event: str) -> list[dict[str, Any]]:
        """The events of one name."""
        return [one for one in self.events if one["event"] == event]


def prepare() -> None:
    """Load what every command needs, make runs brief, and let a Ctrl-C reach commands only."""
    for module in LOADED_LATE:
        importlib.import_module(module)
    Image.preinit()
    recorder.IMAGES_PER_SHEET, quality.N_SAMPLES, trainer.N_SAMPLES = (
        9,
        100,
        100,
    )  # small files, few sums
    sets.load = functools.cache(sets.load)
    assert sets.load("digits", None, 0, 0, 0).digest
    signal.signal(signal.SIGINT, _ctrl_c)
    warnings.simplefilter("ignore", ResourceWarning)  # of a Ctrl-C between open() and with
    gc.freeze()  # or every child would copy the pages that its collector touches
    threads = len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 1
    assert threads == 1, "a process with threads must not fork"


def run(
    arguments: Sequence[str], *moments: Moment, before: Callable[[], None] = lambda: None
) -> End:
    """Fork, run the command there, send it the signals at their moments, and wait for its end."""
    (out, out_there), (err, err_there) = os.pipe(), os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        os.close(err)
        _be_the_child(arguments, out_there, err_there, before)
    os.close(out_there)
    os.close(err_there)
    said, sent = _watch(pid, {"out": out, "err": err}, list(moments))
    _, status = os.waitpid(pid, 0)
    end = time.monotonic()
    lines = said["out"].decode().split("\n")[:-1]
    return End(
        os.waitstatus_to_exitcode(status),
        [json.loads(line) for line in lines if line.startswith('{"event"')],
        "\n".join(line for line in lines if not line.startswith('{"event"')),
        said["err"].decode(),
        end - start,
        None if sent is None else end - sent,
    )


def _be_the_child(arguments: Sequence[str], out: int, err: int, before: Callable[[], None]) -> None:
    """The command, then a last event with the number of iterations that were finished."""
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
    """Read both pipes to their ends, and send the signals; a signal may find nobody."""
    said, since = dict.fromkeys(pipes, b""), time.monotonic()
    limit, sent = time.monotonic() + HANGS, None
    with selectors.DefaultSelector() as selector:
        for name, pipe in pipes.items():
            selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            now = time.monotonic()
            if now > limit:
                os.kill(pid, signal.SIGKILL)
            due = limit + 1
            if moments and moments[0][0].encode() in said["out"]:
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
                said[key.data] += data
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return said, sent


def _ctrl_c(number: int, frame: FrameType | None) -> None:
    """As usual in a command; before it begins and after it ended there is nothing to stop.

    Python drops what is raised in a `__del__` and complains of it; the signal waits until that is
    over.
    """
    if frame is not None and frame.f_code.co_name == "__del__":
        signal.raise_signal(number)
        return
    while frame is not None:
        if os.getpid() == FORKING or frame.f_code in COMMANDS:
            raise KeyboardInterrupt
        frame = frame.f_back


COMMANDS = {train.run.__code__, sample.run.__code__}
