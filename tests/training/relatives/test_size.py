"""Memory and operations of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest
import tiny_relative

from minigan.training import recipes
from minigan.training.relatives import size


def test_a_stack_counts_the_products_of_each_layer_in_its_iterations() -> None:
    # dbn: 4 + 2 * 2 products; 3 iterations with 64 x 5 and 3 with 5 x 4; 10 rows
    assert size.flop_of_model(tiny_relative.recipe("dbn"), 64) == 2 * 10 * 8 * 3 * (320 + 20)
    assert size.flop_of_model(tiny_relative.recipe("cae"), 64) == 2 * 10 * 7 * 3 * (320 + 20)
    longer = tiny_relative.recipe("cae", training__iterations=7)
    assert size.flop_of_model(longer, 64) == 2 * 10 * 7 * (3 * 320 + 4 * 20)


def test_a_walk_has_eleven_products_in_each_step() -> None:
    recipe = recipes.load_any("mnist-gsn-2013")
    one = replace(recipe, training=replace(recipe.training, iterations=1))
    assert size.flop_of_model(one, 784) == 200 * 4 * (5 * 784 * 1500 + 6 * 1500 * 1500)
    assert size.flop_of_model(one, 784) == pytest.approx(16e9, rel=0.1)


def test_theta_its_gradient_and_the_optimizer_are_counted() -> None:
    assert size.model_bytes(tiny_relative.recipe("dbn"), 64) == 4 * 3 * 340
    adam = {"optimizer__kind": "adam", "optimizer__momentum": 0.0, "optimizer__momentum_final": 0.0}
    assert size.model_bytes(tiny_relative.recipe("dbn", **adam), 64) == 4 * 4 * 340
