"""A process of its own that plays some iterations and tells what it holds: `growth` starts it.

    python -m minigan.bench.memory_probe FILE SCHEDULE WIDTH THREADS ITERATIONS...

prints, as JSON, a row for each of the ascending counts of iterations: the count, the mean
milliseconds per iteration since the row before, own memory, pages of mapped files, the peak of
both (MB, 1e6 bytes; null where the system does not tell), the check, and its difference.
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
from minigan.bench.growth import MB, USUAL, mapped_images
from minigan.bench.iteration import player
from minigan.bench.setting import game, images_of, mnist_2014
from minigan.bench.tables import TableRow
from minigan.data.images import Images

CHECK = "images gathered from the file, pixel by pixel"


def measure_run(file: Path, schedule: str, width: float, counts: Sequence[int]) -> list[TableRow]:
    """The rows; m is 100, or all images where there are fewer."""
    images = images_of(mapped_images(file))
    difference = checks.require("images of a mapped file", _gathering(images), 1e-6)
    recipe = mnist_2014(schedule, min(USUAL, len(images)), width)
    iterate, done = player(recipe, game(recipe, images)), 0
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
    """Own (anonymous) memory and pages of mapped files now, and the peak of both so far, in MB."""
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:  # not Linux: there is no telling the two apart
        kilobyte = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return None, None, kilobyte * peak / MB
    # Not ru_maxrss here: a child of a larger process begins with the peak of its parent.
    kilobytes = {
        name: (value.split() or ["0"])[0] for name, _, value in (s.partition(":") for s in lines)
    }
    own, pages, peak = (int(kilobytes[name]) for name in ("RssAnon", "RssFile", "VmHWM"))
    return 1024 * own / MB, 1024 * pages / MB, 1024 * peak / MB


def _gathering(images: Images) -> float:
    """The largest |x - pixel / 255| over the first and last image."""
    ends = np.array([0, len(images) - 1])
    expected = np.array([[int(byte) / 255 for byte in images.pixels[i]] for i in ends])
    return checks.relative(images.gather(ends), expected)


if __name__ == "__main__":
    file, schedule, width, threads, *counts = sys.argv[1:]
    with threadpool_limits(int(threads) or None, user_api="blas"):
        print(json.dumps(measure_run(Path(file), schedule, float(width), [int(n) for n in counts])))
