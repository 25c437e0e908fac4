"""Interrupt runs at random moments, and check that each can be resumed; print a JSON summary.

    python tests/tools/trials/interrupted.py [PART=TRIALS,... [SEED]]

Another process sends real signals. The parts are:

    one       one Ctrl-C                           term      SIGTERM
    second    a second Ctrl-C after the first      judged    Ctrl-C during the final evaluation
    long      two signals in a slow iteration      sample    Ctrl-C during `minigan sample`
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is imported

import numpy as np
import tiny
from runs_of import dumped, iteration_of, log_of
from trials import forked
from trials.killed import equal, refused

from minigan.system.signals import PAUSE
from minigan.training import recipes
from minigan.training.experiment import Experiment

TOTAL = 9
AT_ONCE = 2.0  # seconds
CALIBRATE_EVERY = 20
SLOW = 5  # the number of the slow iteration, in the trials that have one
PARTS = {"one": 100, "second": 20, "long": 8, "term": 10, "judged": 10, "sample": 20}
ALL = ",".join(f"{part}={n}" for part, n in PARTS.items())
COUNTED = ("130", "0", "-15", "refused in one sentence", "resumed exactly", "left at once")


class Trials:
    """A folder, a recipe, a random generator, and for each part the counts of its results."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng, self.counts = folder, np.random.default_rng(seed), {}
        self.recipe = folder / "tiny.toml"
        text = recipes.to_toml(tiny.recipe(training__iterations=TOTAL, log__keep_every=6))
        self.recipe.write_text(text)
        self.number = 0
        self.calibrate()

    def calibrate(self) -> None:
        """Measure how long a run takes at present."""
        self.straight = self.folder / f"straight-{self.number}"
        end = forked.run(self.train(self.straight, "--json", "--quiet"))
        equal((end.status, end.err), (0, ""), "status and errors of an uninterrupted run")
        self.seconds = end.seconds
        self.expected = regular(self.straight)

    def train(self, run: Path, *options: str) -> list[str]:
        return ["train", str(self.recipe), "--out", str(run), *options]

    def within(self, seconds: float) -> float:
        return float(self.rng.uniform(0, seconds))

    def trial(self, part: str) -> None:
        """Run one trial of a part. Raises AssertionError if something was lost."""
        if self.number % CALIBRATE_EVERY == CALIBRATE_EVERY - 1:
            self.calibrate()
        self.number += 1
        run = self.folder / f"run-{self.number}"
        self.count = self.counts.setdefault(part, Counter(dict.fromkeys(COUNTED, 0)))
        getattr(self, part)(run)

    def one(self, run: Path) -> None:
        options = ["--json", "--quiet"] if self.number % 2 else []
        moment = ("", self.within(1.2 * self.seconds), signal.SIGINT)
        self.stopped(run, forked.run(self.train(run, *options), moment), (0, 130))

    def second(self, run: Path) -> None:
        moments = [
            ("", self.within(self.seconds), signal.SIGINT),
            ("", self.within(0.2 * self.seconds), signal.SIGINT),
        ]
        self.stopped(run, forked.run(self.train(run, "--json"), *moments), (0, 130), second=True)

    def long(self, run: Path) -> None:
        number = (signal.SIGINT, signal.SIGTERM)[self.number % 4 == 0]
        moments = [
            (f'"log", "iteration": {SLOW - 1}', self.within(0.1), number),
            ("", (0.01 if number == signal.SIGINT else PAUSE) + self.within(0.1), number),
        ]
        end = forked.run(self.train(run, "--json"), *moments, before=slow)
        status = 130 if number == signal.SIGINT else -signal.SIGTERM
        self.stopped(run, end, (status,), second=True)
        equal(end.left is not None and end.left < AT_ONCE, True, f"at once: {end.left}")

    def term(self, run: Path) -> None:
        moment = ("", self.within(1.2 * self.seconds), signal.SIGTERM)
        end = forked.run(self.train(run, "--json"), moment)
        self.stopped(run, end, (0, 130, -signal.SIGTERM), second=True)

    def judged(self, run: Path) -> None:
        text = f'"checkpoint", "iteration": {TOTAL}'
        moment = (text, self.within(0.3 * self.seconds), signal.SIGINT)
        end = forked.run(self.train(run, "--json"), moment)
        self.stopped(run, end, (0, 130))
        equal(iteration_of(run), TOTAL, "iterations of a run stopped in the evaluation")

    def sample(self, run: Path) -> None:
        run.mkdir()
        command = ["sample", str(self.straight), "--out"]
        whole = forked.run([*command, str(run / "whole.png")])
        moment = ("", self.within(1.2 * whole.seconds), signal.SIGINT)
        end = forked.run([*command, str(run / "sample.png")], moment)
        self.count[str(end.status)] += 1
        silent(end, (0, 130), ())
        names = {path.name for path in run.iterdir()}
        equal(names <= {"whole.png", "sample.png"}, True, f"files after a stopped sample: {names}")
        equal(end.status == 130 or "sample.png" in names, True, "sample.png exists or status 130")
        if "sample.png" in names:
            same = (run / "sample.png").read_bytes() == (run / "whole.png").read_bytes()
            equal(same, True, "sample.png equals the uninterrupted one")

    def stopped(
        self, run: Path, end: forked.End, statuses: tuple[int, ...], second: bool = False
    ) -> None:
        """Check the status and the checkpoint, resume the run, and compare the results."""
        self.count[str(end.status)] += 1
        silent(end, statuses, ("run folder: ",))
        if end.left is not None and end.left < AT_ONCE:
            self.count["left at once"] += 1
        saved = (run / "checkpoint.npz").exists()
        if not second:
            finished = end.events_named("main")[0]["finished"]
            lost = saved and iteration_of(run) != len(finished)
            equal(lost, False, f"{finished} are finished, and the last one is not saved")
            if finished:
                equal(log_of(run)[-1]["iteration"], finished[-1], "iteration of the last log line")
            for event in end.events_named("end"):
                equal(event["iteration"], len(finished), "iterations in the event `end`")
        for event in end.events_named("checkpoint"):
            equal(iteration_of(run) >= event["iteration"], True, "the reported checkpoint exists")
        again = forked.run(["train", "--resume", str(run), "--json", "--quiet"])
        if saved:
            equal((again.status, again.err), (0, ""), "status and errors of the resumed run")
            left, expected = regular(run), self.expected
            differ = sorted(k for k in left | expected if left.get(k) != expected.get(k))
            equal(differ, [], "files that differ from the uninterrupted run")
            self.count["resumed exactly"] += 1
        else:
            refused(run, again)
            self.count["refused in one sentence"] += 1


def silent(end: forked.End, statuses: tuple[int, ...], allowed: tuple[str, ...]) -> None:
    """Check the status, and that stderr has at most one line, `minigan: interrupted; ...`."""
    equal(end.status in statuses, True, f"status {end.status}, stderr {end.err!r}")
    lines = [line for line in end.err.splitlines() if not line.startswith(allowed or "\n")]
    few = len(lines) <= 1 and all(re.match("minigan: interrupted(; |$)", line) for line in lines)
    equal(few, True, f"stderr: {end.err!r}")


def regular(run: Path) -> dict[str, bytes]:
    """What must not depend on interruptions: all except the sheets and log lines they add."""
    files = dumped(run)
    files.pop("animation.png")  # it includes the added sheets
    for name in [name for name in files if name.startswith("samples/")]:
        if int(Path(name).stem) % 3:
            del files[name]
    lines = [line for line in json.loads(files["log.jsonl"]) if steps(line["iteration"])]
    return files | {"log.jsonl": json.dumps(lines).encode()}


def steps(t: int) -> bool:
    """Whether an uninterrupted run logs iteration t: each multiple of 2 or of 3."""
    return t % 2 == 0 or t % 3 == 0


def slow() -> None:
    """Make iteration SLOW take 60 seconds, more than any time limit."""
    iterate: Callable[..., object] = Experiment.iterate

    def slowly(self: Experiment, t: int) -> object:
        if t == SLOW - 1:
            time.sleep(60)
        return iterate(self, t)

    Experiment.iterate = slowly


def main(trials_of: str = ALL, seed: str = "1") -> int:
    """Run all trials of the parts. Returns 1 if one of them lost something, else 0."""
    began, wrong = time.monotonic(), []
    forked.prepare()
    with tempfile.TemporaryDirectory() as name:
        trials = Trials(Path(name).resolve(), int(seed))
        for part, _, count in (one.partition("=") for one in trials_of.split(",")):
            for i in range(int(count)):
                try:
                    trials.trial(part)
                except Exception as error:
                    wrong.append(f"{part} {i}: {type(error).__name__}: {error}")
    summary = {"seconds": round(time.monotonic() - began, 1), **trials.counts, "wrong": wrong}
    print(json.dumps(summary, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
