"""Two ranks of one thread, compared with one process of two threads, on this machine.

    python benchmarks/ranks.py [--rounds 7] [--iterations 40] [--m 100]

An iteration of the recipe mnist-2014 on random images. The two are measured in turn, in `--rounds`
rounds, so that other load on the machine meets both; the table has the medians of the rounds, and
the median of the ratios within a round. The last two lines are the constants of `ranks_model`: the
time of a sum of few numbers, and the rate of a sum of 4 million.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main() -> None:
    """Measure, as a process of its own for each start."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--iterations", type=int, default=40)
    parser.add_argument("--m", type=int, default=100)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        measure(options.iterations, options.m)
        return
    arguments = [__file__, "--worker", *map(str, ("--iterations", options.iterations))]
    arguments += ["--m", str(options.m)]
    mpiexec = [str(Path(sys.executable).parent / "mpiexec"), "-n", "2"]
    rounds = []
    for _ in range(options.rounds):
        two, one = started(mpiexec, arguments, 1), started([], arguments, 2)
        rounds.append((two, one))
        milliseconds = [f"{1e3 * found['iteration']:.0f} ms" for found in (two, one)]
        print(f"two ranks, two threads: {', '.join(milliseconds)}", file=sys.stderr, flush=True)
    two, one = ([pair[i] for pair in rounds] for i in range(2))

    def median(found: list[dict[str, float]], name: str) -> float:
        return statistics.median(each[name] for each in found)

    ratio = statistics.median(a["iteration"] / b["iteration"] for a, b in rounds)
    print("| what | median |\n|---|---|")
    print(f"| iteration, two ranks of one thread | {1e3 * median(two, 'iteration'):.1f} ms |")
    print(f"| iteration, one process of two threads | {1e3 * median(one, 'iteration'):.1f} ms |")
    print(f"| ratio within a round | {ratio:.2f} |")
    print(f"| messages that a rank sends in an iteration | {median(two, 'messages'):.0f} |")
    print(f"| bytes that a rank sends in an iteration | {median(two, 'bytes'):,.0f} |")
    print(f"| sum of 2 numbers over two ranks | {1e6 * median(two, 'small'):.0f} us |")
    print(f"| rate of a sum of 4 million numbers | {median(two, 'rate') / 1e9:.2f} GB/s |")


def started(launcher: list[str], arguments: list[str], threads: int) -> dict[str, float]:
    """The measurement of a new process, or of those of a launcher."""
    environment = {**os.environ, **dict.fromkeys(THREADS, str(threads))}
    command = [*launcher, sys.executable, *arguments]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(said.stdout)
    return found


def measure(iterations: int, m: int) -> None:
    """Print the medians of this process, or of rank 0, as JSON."""
    import numpy as np

    from minigan.algorithm_1 import algorithm1
    from minigan.bench.setting import SEED, mnist_2014, networks, random_images, recipe_draws
    from minigan.system import mpi
    from minigan.training.building import CPU, game_of
    from minigan.training.parts import NO_PARTS

    def median_seconds(work: object, times: int) -> float:
        found = []
        for _ in range(times):
            start = time.perf_counter()
            work()  # type: ignore[operator]
            found.append(time.perf_counter() - start)
        return statistics.median(found)

    ranks, recipe, images = mpi.world(), mnist_2014("algorithm1", m), random_images(2000)
    G, D = networks(recipe)
    theta = G.initial(SEED, "theta_g"), D.initial(SEED, "theta_d")
    draws = recipe_draws(recipe, images)
    game = game_of(recipe, (G, D), theta, draws, len(images), CPU, NO_PARTS, SEED, ranks)
    algorithm1(game, 0)
    before = ranks.messages, ranks.bytes
    found = {"iteration": median_seconds(lambda: algorithm1(game, 1), iterations)}
    found["messages"] = (ranks.messages - before[0]) / iterations
    found["bytes"] = (ranks.bytes - before[1]) / iterations
    if ranks.size > 1:
        few, many = np.ones(2), np.ones(4_000_000, np.float32)
        found["small"] = median_seconds(lambda: ranks.total(few), 50)
        found["rate"] = many.nbytes / median_seconds(lambda: ranks.total(many), 10)
    if ranks.rank == 0:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
