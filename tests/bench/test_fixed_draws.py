"""FixedDraws draws are the draws themselves, made once."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.reference import vectors
from minigan.bench.setting import game, mnist_2014, own_draws, random_images

IMAGES = random_images(30)


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_iterations_on_given_draws_equal_those_on_fresh_draws_bit_by_bit(schedule: str) -> None:
    recipe = mnist_2014(schedule, 5, 1 / 40)
    fresh = game(recipe, IMAGES)
    given = game(recipe, IMAGES, FixedDraws(own_draws(recipe, IMAGES), 4))
    for t in range(4):
        UPDATE_ORDERS[schedule](fresh, t)
        UPDATE_ORDERS[schedule](given, t)
    for one, other in zip(vectors(fresh), vectors(given), strict=True):
        np.testing.assert_array_equal(one, other)


def test_after_a_cycle_the_draws_come_again() -> None:
    recipe = mnist_2014("algorithm1", 5, 1 / 40)
    draws = own_draws(recipe, IMAGES)
    given = FixedDraws(draws, 3)
    assert given.data(4) is given.data(1)
    assert given.noise("G", 5) is given.noise("G", 2)
    assert given.masks("D", 3, 10)[0] is given.masks("D", 0, 10)[0]
    np.testing.assert_array_equal(given.data(4), draws.data(1))
    assert not np.array_equal(given.noise("G", 2), given.noise("D", 2))


def test_once_made_nothing_is_drawn_any_more() -> None:
    class Counting:
        asked = 0

        def __getattr__(self, name: str) -> object:
            Counting.asked += 1
            return getattr(own, name)

    recipe = mnist_2014("algorithm1", 5, 1 / 40)
    own = own_draws(recipe, IMAGES)
    given = FixedDraws(Counting(), 2)
    given.make(5)
    made = Counting.asked
    played = game(recipe, IMAGES, given)
    for t in range(5):
        UPDATE_ORDERS["algorithm1"](played, t)
    assert Counting.asked == made == 2 * 5


def test_given_draws_are_copies_of_buffers_that_may_be_used_again() -> None:
    buffer = np.zeros((2, 3))

    class Reusing:
        def data(self, step: int) -> object:
            buffer[...] = step
            return buffer

    given = FixedDraws(Reusing(), 2)
    zero = given.data(0)
    given.data(1)
    assert zero.max() == 0
