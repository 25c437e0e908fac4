"""The late guard: losses are looked at many at a time, and none that is not finite gets through."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.cuda.deferred import SLOTS, LateGuard
from minigan.finite import NotFiniteError, SeenLateError


class Watched:
    """NumPy under the names that the guard asks for; counts the copies to the host."""

    def __init__(self):
        self.looks = 0

    def zeros(self, count, dtype):
        return np.zeros(count, dtype)

    def asnumpy(self, x):
        self.looks += 1
        return x.copy()


def keep(guard, name, value):
    """What a kernel does, and then the game."""
    slot = guard.slot
    slot[...] = value
    guard.loss(name, slot)


def test_nothing_is_copied_until_the_buffer_is_full():
    xp = Watched()
    guard = LateGuard(xp)
    for i in range(SLOTS - 1):
        keep(guard, "V", i)
    assert xp.looks == 0
    keep(guard, "V", 0)
    assert xp.looks == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 5, SLOTS - 1])
def test_a_loss_that_is_not_finite_is_named_when_the_buffer_is_full(place, value):
    guard = LateGuard(Watched())
    for i in range(SLOTS - 1):
        keep(guard, f"loss {i}", value if i >= place else 1.0)
    with pytest.raises(SeenLateError, match=rf"^loss {place} was {value}, {SLOTS - 1 - place} lo"):
        keep(guard, f"loss {SLOTS - 1}", value)


def test_settling_looks_at_what_is_there_and_begins_anew():
    guard = LateGuard(Watched())
    keep(guard, "V", 1.0)
    guard.settle()
    keep(guard, "V", np.nan)
    keep(guard, "G's loss", 2.0)
    with pytest.raises(NotFiniteError, match=r"^V was nan, 1 losses ago$"):
        guard.settle()
    guard.settle()  # what was told is not told again


def test_what_stood_in_the_buffer_before_is_not_looked_at():
    guard = LateGuard(Watched())
    keep(guard, "V", np.nan)
    with pytest.raises(SeenLateError):
        guard.settle()
    keep(guard, "V", 1.0)
    guard.settle()


def test_a_loss_from_elsewhere_is_kept_too():
    guard = LateGuard(Watched())
    guard.loss("another objective's loss", np.float32(np.nan))
    with pytest.raises(SeenLateError, match="another objective's loss was nan"):
        guard.settle()


def test_a_game_that_begins_knows_nothing_of_another():
    guard = LateGuard(Watched())
    keep(guard, "V", np.nan)
    guard.begin()
    keep(guard, "V", 1.0)
    guard.settle()


def test_a_gradient_is_handed_on_unseen():
    g = object()
    assert LateGuard(Watched()).gradient("D", g) is g
