"""A long run says its parameters, memory and hours before it begins; a short one says nothing."""

from __future__ import annotations

import tiny

from minigan.training import recipes, workload
from minigan.training.networks import build_D, build_G


def networks_of(recipe, n):
    return build_G(recipe.generator, recipe.prior.size, n), build_D(recipe.discriminator, n)


def test_the_published_cifar_networks_are_96_gflop_per_update(monkeypatch):
    """126.8 million parameters are 89.4 + 37.4; three arrays of them are 1.5 GB."""
    monkeypatch.setattr(workload, "product_rate", lambda: 150e9)
    recipe = recipes.load("cifar10-fc-2014")
    G, D = networks_of(recipe, 3072)
    assert abs(workload.flop_per_iteration(recipe, G, D) / 96e9 - 1) < 0.05
    sentence = workload.announcement(recipe, G, D, on_cpu=True)
    assert sentence.startswith("126.8 million parameters, 1.6 GB of memory, 100,000 iterations of ")
    assert sentence.endswith(": at least 18.2 hours on this machine")
    assert "hours" not in workload.announcement(recipe, G, D, on_cpu=False)


def test_steps_of_both_players_are_counted():
    recipe = tiny.recipe(training__k=2)
    G, D = networks_of(recipe, 64)
    weights_g, weights_d = 3 * 7 + 7 * 5 + 5 * 64, 64 * 8 + 4 * 6 + 3 * 1
    assert workload.flop_per_iteration(recipe, G, D) == 2 * recipe.training.m * (
        3 * weights_g + 9 * weights_d
    )
    assert workload.announcement(recipe, G, D, on_cpu=True) is None


def test_the_rate_of_a_product_is_positive():
    assert workload.product_rate() > 1e6
