"""Kill training runs at random moments, and check that nothing is lost; print a JSON summary.

    python tests/tools/trials/killed.py [TRIALS [ITERATIONS [SEED]]]

Each run has its own process. It gets a SIGKILL after a random time, from 0 to 1.2 times the time
of a whole run. Afterwards every checkpoint can be read, and the last one is not older than the
last reported one. The resumed run ends with the same bytes as a run that was never killed. One run
in four is killed again after it is resumed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy is imported

import numpy as np
import tiny
from PIL import Image
from runs_of import dumped
from trials import forked

from minigan.training import recipes
from minigan.training.runs import checkpoint, log

BEFORE_THE_FOLDER = "killed before the folder"
BEFORE_THE_FIRST = "killed before the first checkpoint"
IN_THE_MIDDLE = "killed in the middle"
AFTER_THE_END = "killed after the end"
STATE = ("theta_g", "theta_d", "v_g", "v_d", "updates", "iteration")
COUNTED = ("killed twice", "torn last log line", "left .part files", "resumed exactly")
OPTIONS = ["--json", "--csv", "--quiet"]
LOG_EVERY, SAVE_EVERY, CALIBRATE_EVERY = 2, 3, 25


def main(trials: int = 200, iterations: int = 9, seed: int = 1) -> int:
    """Run all trials. Returns 1 if one of them lost something, else 0."""
    began, rng, wrong = time.monotonic(), np.random.default_rng(seed), []
    counts = Counter(dict.fromkeys(COUNTED, 0))
    forked.prepare()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        recipe = folder / "tiny.toml"
        recipe.write_text(
            recipes.to_toml(tiny.recipe(training__iterations=iterations, log__keep_every=6))
        )
        for trial in range(trials):
            if trial % CALIBRATE_EVERY == 0:  # the load of the machine changes
                straight = folder / f"straight-{trial}"
                whole = forked.run(["train", str(recipe), "--out", str(straight), *OPTIONS])
                equal((whole.status, whole.err), (0, ""), "status and errors of a whole run")
                expected = dumped(straight)
            try:
                one(folder / f"run-{trial}", recipe, whole.seconds, expected, rng, counts, trial)
            except Exception as error:
                wrong.append(f"trial {trial}: {type(error).__name__}: {error}")
    summary = {"trials": trials, "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps({**summary, **counts, "wrong": wrong}, indent=2))
    return 1 if wrong else 0


def one(
    run: Path,
    recipe: Path,
    seconds: float,
    expected: dict[str, bytes],
    rng: np.random.Generator,
    counts: Counter[str],
    trial: int,
) -> None:
    """Kill a run and resume it. Raises AssertionError if something was lost."""

    def moment() -> forked.Moment:
        return ("", float(rng.uniform(0, 1.2 * seconds)), signal.SIGKILL)

    first = forked.run(["train", str(recipe), "--out", str(run), *OPTIONS], moment())
    when = killed_when(run, first)
    counts[when] += 1
    resume = ["train", "--resume", str(run), *OPTIONS]
    if when in (BEFORE_THE_FOLDER, BEFORE_THE_FIRST):
        refused(run, forked.run(resume))
        counts["refused in one sentence"] += 1
        return
    whole_so_far(run, first, counts)
    if trial % 4 == 0:
        second = forked.run(resume, moment())
        counts["killed twice"] += second.status == -signal.SIGKILL
        whole_so_far(run, second, counts)
    end = forked.run(resume)
    equal(end.status, 0, "status of the resumed run")
    equal(end.err, "", "errors of the resumed run")
    left = dumped(run)
    differing = sorted(name for name in left | expected if left.get(name) != expected.get(name))
    equal(differing, [], "files that differ from the run that was never killed")
    rows = (run / "log.csv").read_text().splitlines()[1:]
    equal(
        [int(row.split(",")[0]) for row in rows],
        [line["iteration"] for line in log.read(run / "log.jsonl")],
        "rows of log.csv",
    )
    counts["resumed exactly"] += 1


def killed_when(run: Path, end: forked.End) -> str:
    """The phase of the run in which it was killed."""
    if end.status != -signal.SIGKILL or end.events_named("end"):
        return AFTER_THE_END
    if not run.exists():
        return BEFORE_THE_FOLDER
    return IN_THE_MIDDLE if (run / "checkpoint.npz").exists() else BEFORE_THE_FIRST


def whole_so_far(run: Path, end: forked.End, counts: Counter[str]) -> None:
    """Check that all files can be read, and that none is older than the reported checkpoint."""
    iteration = 0
    for path in run.rglob("*.npz"):
        arrays = checkpoint.load(path)
        equal(set(STATE) <= set(arrays), True, f"{path.name} has the whole state")
        finite = all(np.isfinite(arrays[name]).all() for name in STATE)
        equal(finite, True, f"{path.name} is finite")
        if path.name == "checkpoint.npz":
            iteration = int(arrays["iteration"])
    for path in run.rglob("*.png"):
        with Image.open(path) as picture:
            picture.verify()
    events = end.events_named("checkpoint")
    exists = not events or iteration >= events[-1]["iteration"]
    equal(exists, True, "the reported checkpoint exists")
    regular = [t for t in range(1, iteration + 1) if t % LOG_EVERY == 0 or t % SAVE_EVERY == 0]
    lines = [line["iteration"] for line in log.read(run / "log.jsonl")]
    equal(lines[: len(regular)], regular, "the log reaches the checkpoint")
    table = run / "log.jsonl"
    torn = table.exists() and table.read_bytes()[-1:] not in (b"", b"\n")
    counts["torn last log line"] += torn
    counts["left .part files"] += len(list(run.rglob(".*.part")))


def refused(run: Path, end: forked.End) -> None:
    """Check for status 2 and one sentence about the missing file."""
    equal((end.status, end.text), (2, ""), "status and output of a refusal")
    equal(end.err.count("\n"), 1, "number of lines of a refusal")
    missing = ("holds no recipe.toml", "environment.json cannot be read", "there is no checkpoint")
    equal(any(text in end.err for text in missing), True, end.err)
    equal(end.err.startswith("minigan: ") and str(run) in end.err, True, end.err)


def equal(seen: object, expected: object, what: str) -> None:
    """Raise AssertionError if the two values differ."""
    if seen != expected:
        raise AssertionError(f"{what}: {seen!r}, not {expected!r}")


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
