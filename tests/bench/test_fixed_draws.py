"""Fixed draws equal the original draws, and each is computed once."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.reference import theta_vectors
from minigan.bench.setting import mnist_2014, new_game, random_images, recipe_draws

IMAGES = random_images(30)


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_iterations_with_fixed_draws_equal_those_with_fresh_draws_bit_for_bit(
    schedule: str,
) -> None:
    recipe = mnist_2014(schedule, 5, 1 / 40)
    fresh = new_game(recipe, IMAGES)
    fixed = new_game(recipe, IMAGES, FixedDraws(recipe_draws(recipe, IMAGES), 4))
    for t in range(4):
        UPDATE_ORDERS[schedule](fresh, t)
        UPDATE_ORDERS[schedule](fixed, t)
    for one, other in zip(theta_vectors(fresh), theta_vectors(fixed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_after_a_cycle_the_draws_repeat() -> None:
    recipe = mnist_2014("algorithm1", 5, 1 / 40)
    draws = recipe_draws(recipe, IMAGES)
    fixed = FixedDraws(draws, 3)
    assert fixed.data(4) is fixed.data(1)
    assert fixed.noise("G", 5) is fixed.noise("G", 2)
    assert fixed.masks("D", 3, 10)[0] is fixed.masks("D", 0, 10)[0]
    np.testing.assert_array_equal(fixed.data(4), draws.data(1))
    assert not np.array_equal(fixed.noise("G", 2), fixed.noise("D", 2))


def test_after_make_nothing_is_drawn() -> None:
    class Counting:
        count = 0

        def __getattr__(self, name: str) -> object:
            Counting.count += 1
            return getattr(draws, name)

    recipe = mnist_2014("algorithm1", 5, 1 / 40)
    draws = recipe_draws(recipe, IMAGES)
    fixed = FixedDraws(Counting(), 2)
    fixed.make(5)
    count = Counting.count
    game = new_game(recipe, IMAGES, fixed)
    for t in range(5):
        UPDATE_ORDERS["algorithm1"](game, t)
    assert Counting.count == count == 2 * 5


def test_fixed_draws_are_copies_because_buffers_may_be_reused() -> None:
    buffer = np.zeros((2, 3))

    class Reusing:
        def data(self, step: int) -> object:
            buffer[...] = step
            return buffer

    fixed = FixedDraws(Reusing(), 2)
    zero = fixed.data(0)
    fixed.data(1)
    assert zero.max() == 0
