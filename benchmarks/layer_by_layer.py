"""The time of each pass of each layer inside an iteration for CIFAR-10, next to its limit.

    python benchmarks/layer_by_layer.py [--recipe cifar10-conv-small] [--m M] [--rounds 15]

    time     processor time of all calls of a pass of a layer in one iteration
    limit    the matrix products of these calls and a copy of their patches (minigan/bench/limit.py)

Both are measured in each round, on one thread; the medians are printed. A layer without a product
has no part in the limit. As in `minigan bench`, the recipe has no penalty and its random numbers
are given. "the rest" is the objective, the check for NaN, the update, and Python.
"""

from __future__ import annotations

import argparse
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
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.image_iteration import PUBLISHED, SMALL
from minigan.bench.limit import Limit, Product, operands, products_of
from minigan.bench.setting import cifar, networks, new_game, random_colour_images, recipe_draws
from minigan.network import Network

IMAGES = 2_000
CYCLE = 2
KINDS = {"forward": "forward", "backward_input": "input", "backward_params": "params"}
Part = tuple[str, str]  # the name of a layer, and its pass


@contextmanager
def timed(network: Network, player: str, seconds: Counter[Part]) -> Iterator[None]:
    """A context in which each pass of each layer adds its processor time to `seconds`."""
    name_of = {id(layer): name for layer, name in zip(network.layers, network.names, strict=True)}

    def clocked(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def call(layer: Any, *arguments: Any) -> Any:
            if id(layer) not in name_of:  # a layer of the other player
                return function(layer, *arguments)
            start = time.process_time()
            try:
                return function(layer, *arguments)
            finally:
                seconds[f"{player} {name_of[id(layer)]}", kind] += time.process_time() - start

        return call

    with ExitStack() as stack:
        for owner in {type(layer) for layer in network.layers}:
            for method, kind in KINDS.items():
                call = clocked(getattr(owner, method), kind)
                stack.enter_context(patch.object(owner, method, call))
        yield


def limits(schedule: str, players: dict[str, Network], m: int) -> dict[Part, Callable[[], None]]:
    """For each pass with products: a function that computes them and copies their patches."""
    groups: dict[Part, list[Product]] = {}
    for product in products_of(schedule, players["G"], players["D"], m):
        groups.setdefault((product.layer, product.kind), []).append(product)
    found = {}
    for player, network in players.items():
        with_W = [name for name in network.names if f"{name}.W" in network.shapes]
        for i, name in enumerate(with_W, 1):
            for kind in KINDS.values():
                if (f"{player} {i}", kind) in groups:
                    work = products_and_copies(groups[f"{player} {i}", kind])
                    found[f"{player} {name}", kind] = work
    return found


def products_and_copies(products: list[Product]) -> Callable[[], None]:
    """A function that computes the products and copies the patches of each."""
    arrays, sizes = operands(products), [product.numbers_of_patches for product in products]
    P, copy = (np.ones(max(sizes), np.float32) for _ in range(2))

    def work() -> None:
        for (a, b, out), size in zip(arrays, sizes, strict=True):
            np.matmul(a, b, out=out)
            np.copyto(copy[:size], P[:size])

    return work


def measured(name: str, m: int, rounds: int) -> dict[Part, tuple[float, float]]:
    """(time, limit) of each part in milliseconds, and of the rest and of the iteration."""
    recipe = cifar(name, m=m)
    schedule, m = recipe.training.schedule, recipe.training.m
    images = random_colour_images(recipe, IMAGES)
    fixed = FixedDraws(recipe_draws(recipe, images), CYCLE)
    fixed.make(m)
    game, players = new_game(recipe, images, fixed), dict(zip("GD", networks(recipe), strict=True))
    whole, works = Limit(schedule, *players.values(), m), limits(schedule, players, m)
    times: dict[Part, list[float]] = {}
    of_limit: dict[Part, list[float]] = {}

    def clock(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return 1000 * (time.process_time() - start)

    for t in range(rounds + 1):
        seconds: Counter[Part] = Counter()
        with timed(game.G, "G", seconds), timed(game.D, "D", seconds):
            iteration = clock(lambda t=t: UPDATE_ORDERS[schedule](game, t))
        parts = {part: 1000 * spent for part, spent in seconds.items()}
        parts["the rest", ""] = iteration - sum(parts.values())
        parts["the iteration", ""] = iteration
        limited = {part: clock(work) for part, work in works.items()}
        limited["the rest", ""] = clock(whole.stream)
        limited["the iteration", ""] = clock(whole.whole)
        if t > 0:  # the first touches its memory for the first time
            for part, spent in parts.items():
                times.setdefault(part, []).append(spent)
                of_limit.setdefault(part, []).append(limited.get(part, 0.0))
    return {
        part: (statistics.median(times[part]), statistics.median(of_limit[part])) for part in times
    }


def main() -> None:
    """Read the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    choices = [*SMALL, *PUBLISHED]
    parser.add_argument("--recipe", choices=choices, default="cifar10-conv-small")
    parser.add_argument("--m", type=int, default=0, help="minibatch size; 0: that of the recipe")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with threadpool_limits(1, user_api="blas"):
        found = measured(options.recipe, options.m, options.rounds)
    print(f"| {options.recipe} | pass | ms | limit, ms |\n| --- | --- | ---: | ---: |")
    for (layer, kind), (spent, limit) in sorted(found.items(), key=lambda one: -one[1][0]):
        print(f"| {layer} | {kind} | {spent:.2f} | {f'{limit:.2f}' if limit else ''} |")


if __name__ == "__main__":
    main()
