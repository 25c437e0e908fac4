"""A separate process that runs some iterations and reports its memory; `growth` starts it.

    python -m minigan.bench.memory_probe FILE SCHEDULE WIDTH THREADS ITERATIONS...

ITERATIONS are ascending counts. After each count the process adds one row to its output, a list in
JSON:

    the count of iterations
    mean time per iteration since the previous row, milliseconds
    own (anonymous) memory, pages of mapped files, peak of both; MB (1e6 bytes), null if unknown
    the check, and its difference
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.bench import checks
from minigan.bench.growth import DEFAULT_M, MB, mapped_images
from minigan.bench.iteration import iteration_runner
from minigan.bench.setting import images_from_pixels, mnist_2014, new_game
from minigan.bench.tables import TableRow
from minigan.data.images import Images

CHECK = "images gathered from the file, pixel by pixel"


def measure_run(file: Path, schedule: str, width: float, counts: Sequence[int]) -> list[TableRow]:
    """The rows of the output. m is 100, or the number of images if that is smaller."""
    images = images_from_pixels(mapped_images(file))
    difference = checks.require("images of a mapped file", _gathering(images), 1e-6)
    recipe = mnist_2014(schedule, min(DEFAULT_M, len(images)), width)
    iterate, done = iteration_runner(recipe, new_game(recipe, images)), 0
    rows: list[TableRow] = []
    for count in counts:
        start = time.perf_counter()
        for _ in range(count - done):
            iterate()
        milliseconds = 1000 * (time.perf_counter() - start) / (count - done)
        rows.append((count, milliseconds, *process_memory(), CHECK, difference))
        done = count
    return rows


def process_memory() -> tuple[float | None, float | None, float]:
    """Own (anonymous) memory, pages of mapped files, and the peak of both so far, in MB.

    The first two are None if the system does not report them separately.
    """
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:  # not Linux: only the peak is known
        kilobyte = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return None, None, kilobyte * peak / MB
    # ru_maxrss is not used here: a child process starts with the peak of its parent.
    kilobytes = {
        name: (value.split() or ["0"])[0] for name, _, value in (s.partition(":") for s in lines)
    }
    own, pages, peak = (int(kilobytes[name]) for name in ("RssAnon", "RssFile", "VmHWM"))
    return 1024 * own / MB, 1024 * pages / MB, 1024 * peak / MB


def _gathering(images: Images) -> float:
    """The relative difference of x from pixel / 255, over the first and the last image."""
    ends = np.array([0, len(images) - 1])
    expected = np.array([[int(byte) / 255 for byte in images.pixels[i]] for i in ends])
    return checks.relative_difference(images.gather(ends), expected)


if __name__ == "__main__":
    file, schedule, width, threads, *counts = sys.argv[1:]
    with threadpool_limits(int(threads) or None, user_api="blas"):
        print(json.dumps(measure_run(Path(file), schedule, float(width), [int(n) for n in counts])))
