"""Where the time of an iteration goes: products, update, each layer, draws, and the rest.

    python benchmarks/where_time_goes.py [--schedule simultaneous] [--m 100] [--threads N]

Each function is timed in its place, in every iteration; told are medians. The products and the
limit of the same iteration, alone, take turns with it. "biases" are what linear layers do beside
their products: y + b, and db.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import finite, optimizers
from minigan.algorithm1 import UPDATE_ORDERS
from minigan.bench.limit import Limit
from minigan.bench.setting import game, mnist_2014, networks, own_draws, random_images
from minigan.draws.minibatches import Minibatches
from minigan.layers import dropout, linear, maxout, relu, sigmoid

PLACES = (
    ("products", np, "matmul"),
    ("update", optimizers, "descend"),
    ("guard against NaN", finite, "gradient"),
    ("minibatch", Minibatches, "data"),
    ("noise", Minibatches, "noise"),
    ("masks", Minibatches, "masks"),
    *(
        (f"{layer.__name__.split('.')[-1]} {way}", layer, name)
        for layer in (linear, relu, maxout, dropout, sigmoid)
        for way, name in (("forward", "forward"), ("backward", "backward_input"))
    ),
    ("linear backward", linear, "backward_params"),
)


@contextmanager
def timed(place: str, owner: Any, name: str, seconds: Counter[str]) -> Iterator[None]:
    """While it lasts, each call of the function adds its seconds to those of the place."""
    function = getattr(owner, name)

    def call(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            seconds[place] += time.perf_counter() - start

    with patch.object(owner, name, call):
        yield


def measured(schedule: str, m: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of each place, of the iteration, and of the products and limit alone."""
    recipe, images = mnist_2014(schedule, m), random_images(max(10_000, m))
    played = game(recipe, images, own_draws(recipe, images))
    limit = Limit(schedule, *networks(recipe), m)
    found: dict[str, list[float]] = {}

    def note(place: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        found.setdefault(place, []).append(1000 * (time.perf_counter() - start))

    for t in range(rounds + 3):
        seconds: Counter[str] = Counter()
        with ExitStack() as stack:
            for place in PLACES:
                stack.enter_context(timed(*place, seconds))
            note("the iteration", lambda t=t: UPDATE_ORDERS[schedule](played, t))
        of_linear = sum(seconds.pop(f"linear {way}") for way in ("forward", "backward"))
        seconds["biases"] = of_linear - seconds["products"]
        seconds["the rest"] = found["the iteration"][-1] / 1000 - sum(seconds.values())
        for place, spent in seconds.items():
            found.setdefault(place, []).append(1000 * spent)
        note("the products alone", limit.products)
        note("the limit", limit.both)
    return {place: statistics.median(times[3:]) for place, times in found.items()}


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--schedule", choices=list(UPDATE_ORDERS), default="algorithm1")
    parser.add_argument("--m", type=int, default=100, help="minibatch size")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    with threadpool_limits(options.threads, user_api="blas"):
        found = measured(options.schedule, options.m, options.rounds)
    print(
        f"| {options.schedule}, m = {options.m}, {options.threads} threads | ms |\n| --- | ---: |"
    )
    for place, milliseconds in sorted(found.items(), key=lambda one: -one[1]):
        print(f"| {place} | {milliseconds:.2f} |")


if __name__ == "__main__":
    main()
