"""Kill training runs at random moments and see that nothing is lost: a summary as JSON.

    python tests/tools/trials/killed.py [TRIALS [ITERATIONS [SEED]]]

Each run plays in a process of its own and gets a SIGKILL after a random time, from 0 to 1.2 times
what a whole run takes. Whatever it leaves, every checkpoint is whole, the last one is not older
than an event told, and the run that goes on ends with the bytes of one that was never killed.
One in four is killed a second time while it goes on.
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
    """Every trial; exit status 1 where one of them lost something."""
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
            if trial % CALIBRATE_EVERY == 0:  # a machine may be busy for a while
                straight = folder / f"straight-{trial}"
                whole = forked.run(["train", str(recipe), "--out", str(straight), *OPTIONS])
                equal((whole.status, whole.err), (0, ""), "a run that nobody kills")
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
    """One run that is killed, and its resumption; raises where anything was lost."""

    def moment() -> forked.Moment:
        return ("", float(rng.uniform(0, 1.2 * seconds)), signal.SIGKILL)

    first = forked.run(["train", str(recipe), "--out", str(run), *OPTIONS], moment())
    what = happened(run, first)
    counts[what] += 1
    go_on = ["train", "--resume", str(run), *OPTIONS]
    if what in (BEFORE_THE_FOLDER, BEFORE_THE_FIRST):
        refused(run, forked.run(go_on))
        counts["refused in one sentence"] += 1
        return
    whole_so_far(run, first, counts)
    if trial % 4 == 0:
        second = forked.run(go_on, moment())
        counts["killed twice"] += second.status == -signal.SIGKILL
        whole_so_far(run, second, counts)
    end = forked.run(go_on)
    equal(end.status, 0, "the status of the resumption")
    equal(end.err, "", "what the resumption complained of")
    left = dumped(run)
    differing = sorted(name for name in left | expected if left.get(name) != expected.get(name))
    equal(differing, [], "what differs from a run that was never killed")
    rows = (run / "log.csv").read_text().splitlines()[1:]
    equal(
        [int(row.split(",")[0]) for row in rows],
        [line["iteration"] for line in log.read(run / "log.jsonl")],
        "the rows of the table",
    )
    counts["resumed exactly"] += 1


def happened(run: Path, end: forked.End) -> str:
    """When the signal came."""
    if end.status != -signal.SIGKILL or end.told("end"):
        return AFTER_THE_END
    if not run.exists():
        return BEFORE_THE_FOLDER
    return IN_THE_MIDDLE if (run / "checkpoint.npz").exists() else BEFORE_THE_FIRST


def whole_so_far(run: Path, end: forked.End, counts: Counter[str]) -> None:
    """What there is, is whole, and no older than what was told."""
    iteration = 0
    for path in run.rglob("*.npz"):
        arrays = checkpoint.load(path)
        equal(set(STATE) <= set(arrays), True, f"the state in {path.name}")
        finite = all(np.isfinite(arrays[name]).all() for name in STATE)
        equal(finite, True, f"{path.name} is finite")
        if path.name == "checkpoint.npz":
            iteration = int(arrays["iteration"])
    for path in run.rglob("*.png"):
        with Image.open(path) as picture:
            picture.verify()
    told = end.told("checkpoint")
    equal(not told or iteration >= told[-1]["iteration"], True, "the checkpoint told is there")
    regular = [t for t in range(1, iteration + 1) if t % LOG_EVERY == 0 or t % SAVE_EVERY == 0]
    lines = [line["iteration"] for line in log.read(run / "log.jsonl")]
    equal(lines[: len(regular)], regular, "the log reaches the checkpoint")
    table = run / "log.jsonl"
    torn = table.exists() and table.read_bytes()[-1:] not in (b"", b"\n")
    counts["torn last log line"] += torn
    counts["left .part files"] += len(list(run.rglob(".*.part")))


def refused(run: Path, end: forked.End) -> None:
    """One sentence that says what is missing, and status 2."""
    equal((end.status, end.text), (2, ""), "the status where nothing was saved")
    equal(end.err.count("\n"), 1, "the lines of a refusal")
    missing = ("holds no recipe.toml", "environment.json cannot be read", "there is no checkpoint")
    equal(any(words in end.err for words in missing), True, end.err)
    equal(end.err.startswith("minigan: ") and str(run) in end.err, True, end.err)


def equal(seen: object, expected: object, what: str) -> None:
    """Raise an error that says what differs."""
    if seen != expected:
        raise AssertionError(f"{what}: {seen!r}, not {expected!r}")


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
