"""A long run says its parameters, memory and hours before it begins; a short one says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny

from minigan.layers import (
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    ReLU,
    Windows,
)
from minigan.network import Network
from minigan.training import recipes, workload
from minigan.training.networks import networks_of
from minigan.training.workload import WeightMatrix


def test_the_published_cifar_networks_are_96_gflop_per_update(monkeypatch):
    """126.8 million parameters are 89.4 + 37.4; three arrays of them are 1.5 GB."""
    monkeypatch.setattr(workload, "product_rate", lambda: 150e9)
    recipe = recipes.load("cifar10-fc-2014")
    G, D = networks_of(recipe, 3072, ())
    assert workload.flop_per_iteration(recipe, G, D) == pytest.approx(96e9, rel=0.002)
    sentence = workload.announcement(recipe, G, D, on_cpu=True)
    assert sentence.startswith(
        "126.8 million parameters, at least 1.6 GB of memory, 100,000 iterations of "
    )
    assert sentence.endswith(" 96 GFLOP: at least 17.8 hours on this machine")
    assert "hours" not in workload.announcement(recipe, G, D, on_cpu=False)


def test_the_published_convolutional_networks_are_186_gflop_per_update():
    """Per row: 65.4 million multiply-adds in G and 79.8 in D; 0.8 and 13.4 in the first layers."""
    recipe = recipes.load("cifar10-conv-2014")
    G, D = networks_of(recipe, 3072, (32, 32, 3))
    assert [count / 1e6 for count in workload.multiply_adds(G)] == pytest.approx(
        [65.4, 65.4 - 0.8], abs=0.05
    )
    assert [count / 1e6 for count in workload.multiply_adds(D)] == pytest.approx(
        [79.8, 79.8 - 13.4], abs=0.05
    )
    assert workload.flop_per_iteration(recipe, G, D) == pytest.approx(186e9, rel=0.002)
    assert workload.announcement(recipe, G, D, on_cpu=False).startswith(
        "77.3 million parameters, at least 1.6 GB of memory, 78,000 iterations of about 186 GFLOP"
    )


def test_a_convolution_and_a_deconvolution_have_one_multiply_add_per_weight_and_position():
    G = Network(4, (Linear(18, 0.1), ReLU(), Deconvolution(Windows(5, 7, 3, 2), 2, 0.1)))
    D = Network(
        5 * 7 * 2,
        (
            *(Dropout(0.8), Convolution(Windows(5, 7, 3, 2, 1), 6, 0.1)),  # 3 x 4 positions
            *(MaxPooling(Windows(3, 4, 2)), Linear(4, 0.1), Maxout(2, 2)),  # from 2 x 3 x 6
        ),
    )
    assert list(workload.weight_matrices(G)) == [
        WeightMatrix(0, 4, 18),
        WeightMatrix(2, 3, 3 * 3 * 2, 2 * 3, "y"),
    ]
    assert list(workload.weight_matrices(D)) == [
        WeightMatrix(1, 3 * 3 * 2, 6, 3 * 4, "x"),
        WeightMatrix(3, 36, 4),
    ]
    of_deconvolution = (2 * 3) * (3 * 3 * 2 * 3)  # positions, then W (3, 3, 2, 18 / 6)
    assert workload.multiply_adds(G) == (4 * 18 + of_deconvolution, of_deconvolution)
    assert workload.multiply_adds(D) == (
        (3 * 4) * (3 * 3 * 2 * 6) + 36 * 4,
        36 * 4,
    )


@pytest.mark.parametrize(
    ("schedule", "of_g", "upper_g", "of_d", "upper_d"),
    [
        # Two D steps: each G forward, and D forward, params and input on 2m rows. Three G steps:
        # G forward and params, G input above its first layer, D forward and input on m rows.
        ("algorithm1", 2 * 1 + 3 * 2, 3 * 1, 2 * 4 + 3 * 2, 2 * 2),
        # One pass: G forward and params, its input above; D on 2m rows as above, input on m rows.
        ("simultaneous", 2, 1, 5, 2),
    ],
)
def test_steps_of_both_players_are_counted(schedule, of_g, upper_g, of_d, upper_d):
    k, g_steps = (2, 3) if schedule == "algorithm1" else (1, 1)
    recipe = tiny.recipe(training__k=k)
    recipe = replace(
        recipe, training=replace(recipe.training, k=k, g_steps=g_steps, schedule=schedule)
    )
    G, D = networks_of(recipe, 64, ())
    first_g, rest_g, first_d, rest_d = 3 * 7, 7 * 5 + 5 * 64, 64 * 8, 4 * 6 + 3 * 1
    assert workload.flop_per_iteration(recipe, G, D) == 2 * recipe.training.m * (
        of_g * (first_g + rest_g) + upper_g * rest_g + of_d * (first_d + rest_d) + upper_d * rest_d
    )
    assert workload.announcement(recipe, G, D, on_cpu=True) is None


def test_the_rate_of_a_product_is_positive():
    assert workload.product_rate() > 1e6
