"""The parts of the time of an iteration: products, update, each layer, draws, and the rest.

    python benchmarks/where_time_goes.py [--schedule simultaneous] [--m 100] [--threads N]

Each function is timed inside the iteration, in every iteration; the medians are printed. The
products alone and the limit are timed in turn with the iteration. "biases" is the work of linear
layers besides their products: y + b, and db.
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

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench.limit import Limit
from minigan.bench.setting import mnist_2014, networks, new_game, random_images, recipe_draws
from minigan.draws.minibatches import Minibatches
from minigan.finite import FiniteCheck
from minigan.layers import dropout, linear, maxout, relu, sigmoid
from minigan.optimizers import momentum

PARTS = (
    ("products", np, "matmul"),
    ("update", momentum, "descend"),
    ("check for NaN", FiniteCheck, "gradient"),
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
def timed(part: str, owner: Any, name: str, seconds: Counter[str]) -> Iterator[None]:
    """A context in which each call of the function adds its seconds to those of the part."""
    function = getattr(owner, name)

    def call(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            seconds[part] += time.perf_counter() - start

    with patch.object(owner, name, call):
        yield


def measured(schedule: str, m: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of each part, of the iteration, of the products alone and the limit."""
    recipe, images = mnist_2014(schedule, m), random_images(max(10_000, m))
    game = new_game(recipe, images, recipe_draws(recipe, images))
    limit = Limit(schedule, *networks(recipe), m)
    found: dict[str, list[float]] = {}

    def record(part: str, work: Callable[[], object]) -> None:
        start = time.perf_counter()
        work()
        found.setdefault(part, []).append(1000 * (time.perf_counter() - start))

    for t in range(rounds + 3):
        seconds: Counter[str] = Counter()
        with ExitStack() as stack:
            for part in PARTS:
                stack.enter_context(timed(*part, seconds))
            record("the iteration", lambda t=t: UPDATE_ORDERS[schedule](game, t))
        of_linear = sum(seconds.pop(f"linear {way}") for way in ("forward", "backward"))
        seconds["biases"] = of_linear - seconds["products"]
        seconds["the rest"] = found["the iteration"][-1] / 1000 - sum(seconds.values())
        for part, spent in seconds.items():
            found.setdefault(part, []).append(1000 * spent)
        record("the products alone", limit.products)
        record("the limit", limit.whole)
    return {part: statistics.median(times[3:]) for part, times in found.items()}


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
    for part, milliseconds in sorted(found.items(), key=lambda one: -one[1]):
        print(f"| {part} | {milliseconds:.2f} |")


if __name__ == "__main__":
    main()
