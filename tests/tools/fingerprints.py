"""Print hashes of checkpoints, which show whether a change to the code alters any bit of a run.

    python tests/tools/fingerprints.py --minigan BEFORE/bin/minigan > before.txt
    python tests/tools/fingerprints.py > after.txt
    diff before.txt after.txt

Each recipe and seed is run twice: without a stop, and stopped half-way and resumed. Each line has
the SHA-256 of checkpoint.npz of both runs. The bits depend on NumPy, the BLAS kernel and the number
of threads, so compare files from the same machine. Takes about six minutes on two cores.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

AVERAGE = ("generator.average_keep=0.98", "generator.average_every=10")
NO_AVERAGE = ("generator.average_keep=0", "generator.average_every=0")


def runs() -> list[tuple[str, int, int, tuple[str, ...]]]:
    """The (recipe, seed, iterations, settings) of all runs."""
    small = [("digits", seed, 4000, ()) for seed in (1, 2, 3)]
    small += [("toy", 1, 5000, ()), ("helvetica", 1, 800, ())]
    large = [
        (recipe, 1, 50, (f"training.schedule={order}", *average))
        for recipe in ("mnist", "mnist-2014")
        for order in ("algorithm1", "simultaneous")
        for average in (AVERAGE, NO_AVERAGE)
    ]
    return small + large


def main() -> None:
    """Print one line for each run: its settings and both hashes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minigan", default=str(Path(sys.executable).parent / "minigan"))
    parser.add_argument("--data-dir", help="the folder that contains mnist; else no MNIST")
    arguments = parser.parse_args()
    for recipe, seed, iterations, settings in runs():
        if recipe.startswith("mnist") and arguments.data_dir is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            straight, resumed = f"{folder}/straight", f"{folder}/resumed"
            common = [arguments.minigan, "train"]
            begin = [*common, recipe, "--seed", str(seed), "--quiet"]
            begin += [option for setting in settings for option in ("--set", setting)]
            if recipe.startswith("mnist"):
                begin += ["--data-dir", arguments.data_dir]
            _run([*begin, "--iterations", str(iterations), "--out", straight])
            _run([*begin, "--iterations", str(iterations // 2), "--out", resumed])
            _run([*common, "--resume", resumed, "--iterations", str(iterations), "--quiet"])
            hashes = [_hash(f"{run}/checkpoint.npz") for run in (straight, resumed)]
        print(recipe, seed, iterations, *settings, *hashes, flush=True)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _hash(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
