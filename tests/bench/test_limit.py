"""The limit has the products that an iteration needs, and one pass over its vectors."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import limit as limit_module
from minigan.bench.limit import Limit, Product, products_of
from minigan.bench.setting import (
    cifar,
    mnist_2014,
    networks,
    new_game,
    random_colour_images,
    random_images,
)
from minigan.layers import Convolution, Deconvolution, Linear, Windows
from minigan.network import Network

# Multiply-adds per row of the networks of mnist-2014, layer by layer, computed by hand.
G = 100 * 1200 + 1200 * 1200 + 1200 * 784
D = 784 * 1200 + 240 * 1200 + 240 * 1
G_ABOVE_FIRST = 1200 * 1200 + 1200 * 784
D_ABOVE_FIRST = 240 * 1200 + 240 * 1


def test_gigaflops_of_mnist_2014_as_counted_by_hand() -> None:
    D_step = G + 2 * D + 2 * D + 2 * D_ABOVE_FIRST  # forward; D forward, params, input
    G_step = G + D + D + G + G_ABOVE_FIRST  # forward, forward; D's input; G's params and input
    for schedule, per_row in (
        ("algorithm1", D_step + G_step),
        ("simultaneous", D_step + D + G + G_ABOVE_FIRST),
    ):
        products = products_of(schedule, *networks(mnist_2014(schedule, 100)), 100)
        assert sum(product.flop for product in products) == 2 * 100 * per_row


def test_gigaflops_in_the_docs() -> None:
    counts = {
        schedule: Limit(schedule, *networks(mnist_2014(schedule, 100)), 100).flop / 1e9
        for schedule in UPDATE_ORDERS
    }
    assert counts["algorithm1"] == pytest.approx(3.57, abs=0.005)
    assert counts["simultaneous"] == pytest.approx(2.82, abs=0.005)
    shared = counts["simultaneous"] - 2 * 100 * D_ABOVE_FIRST / 1e9
    assert shared == pytest.approx(2.76, abs=0.005)


def test_more_D_steps_repeat_only_the_products_of_the_D_step() -> None:
    networks_of = networks(mnist_2014("algorithm1", 10))
    one, three = (Counter(products_of("algorithm1", *networks_of, 10, k)) for k in (1, 3))
    step = three - one
    assert all(count % 2 == 0 for count in step.values())
    assert sum(product.flop for product in step.elements()) == 2 * 2 * 10 * (
        G + 4 * D + 2 * D_ABOVE_FIRST
    )


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_the_limit_has_exactly_the_products_of_an_iteration(
    schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = mnist_2014(schedule, 4, 1 / 40)
    game = new_game(recipe, random_images(20))
    limit = Limit(schedule, *networks(recipe), 4)
    made: list[tuple[Any, ...]] = []
    matmul = np.matmul

    def recording(a: Any, b: Any, **options: Any) -> Any:
        assert options["out"] is not None
        layouts = (a.flags.c_contiguous, b.flags.c_contiguous)
        made.append((a.shape, b.shape, layouts))
        return matmul(a, b, **options)

    monkeypatch.setattr(np, "matmul", recording)
    UPDATE_ORDERS[schedule](game, 0)
    by_iteration = Counter(made)
    made.clear()
    limit.products()
    assert Counter(made) == by_iteration


def test_the_stream_reads_and_writes_every_parameter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_module, "BLOCK", 1000)
    networks_of = networks(mnist_2014("algorithm1", 4, 1 / 40))
    limit = Limit("algorithm1", *networks_of, 4)
    size = sum(len(network.zeros().vector) for network in networks_of)
    assert limit.bytes_of_stream == 20 * size
    blocks = limit._blocks
    assert sum(len(theta) for theta, _, _ in blocks) == size
    assert max(len(theta) for theta, _, _ in blocks) == 1000
    before = [theta.copy() for theta, _, _ in blocks]
    limit.stream()
    for old, (theta, v, _) in zip(before, blocks, strict=True):
        np.testing.assert_array_equal(theta, old + v)
        assert theta.tobytes() != old.tobytes()


def test_k_updates_of_D_need_k_passes_over_its_vectors() -> None:
    G_net, D_net = networks(mnist_2014("algorithm1", 4, 1 / 40))
    one, three = (Limit("algorithm1", G_net, D_net, 4, k).bytes_of_stream for k in (1, 3))
    assert three - one == 2 * 20 * len(D_net.zeros().vector)


def test_no_number_of_the_stream_becomes_denormal_or_infinite_in_a_long_run() -> None:
    limit = Limit("algorithm1", *networks(mnist_2014("algorithm1", 1, 1 / 40)), 1)
    for _ in range(2000):
        limit.stream()
    for block in limit._blocks:
        for numbers in block:
            assert np.isfinite(numbers).all()
            assert (np.abs(numbers[numbers != 0]) > np.finfo(np.float32).tiny).all()


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
@pytest.mark.parametrize("name", ["cifar10-small", "cifar10-conv-small"])
def test_the_limit_has_the_operations_of_an_iteration_on_images(
    name: str, schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limit_module, "IMAGES", 2)  # products with 2, 2 and 1 images
    recipe = cifar(name, 1 / 40, 5)
    recipe = replace(recipe, training=replace(recipe.training, schedule=schedule))
    game = new_game(recipe, random_colour_images(recipe, 20))
    limit = Limit(schedule, *networks(recipe), 5)
    made: list[int] = []
    matmul = np.matmul

    def recording(a: Any, b: Any, **options: Any) -> Any:
        made.append(2 * a.shape[0] * a.shape[1] * b.shape[1])
        return matmul(a, b, **options)

    monkeypatch.setattr(np, "matmul", recording)
    UPDATE_ORDERS[schedule](game, 0)
    assert sum(made) == limit.flop
    made.clear()
    limit.whole()
    assert sum(made) == limit.flop


def test_patches_are_written_and_read_once_for_each_product() -> None:
    G = Network(18, (Deconvolution(Windows(5, 7, 3, 2), 2, 0.1),))  # 2 x 3 positions
    D = Network(70, (Convolution(Windows(5, 7, 3, 2, 1), 6, 0.1), Linear(1, 0.1)))  # 3 x 4
    limit = Limit("simultaneous", G, D, 17)
    # G's forward and params; D's forward and params on 34 rows, and its input on 17 rows.
    of_G, of_D = 2 * 17 * 6 * (3 * 3 * 2), (2 * 34 + 17) * 12 * (3 * 3 * 2)
    assert limit.bytes_of_unfolding == 8 * (of_G + of_D)
    assert sum(copy.nbytes + P.nbytes for copy, P in limit._patches) == limit.bytes_of_unfolding
    for copy, _ in limit._patches:
        copy[...] = 0
    limit.unfolding()
    assert all((copy == 1).all() for copy, _ in limit._patches)
    assert Limit("simultaneous", *networks(mnist_2014("simultaneous", 2)), 2)._patches == []


def test_a_product_counts_a_multiplication_and_an_addition() -> None:
    assert Product("forward", "G 1", m=2, n=3, u=5).flop == 60
