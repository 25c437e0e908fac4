"""Losses are checked many at a time, and every loss that is not finite is detected."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.cuda.deferred import DeferredCheck, DeferredNotFiniteError
from minigan.finite import NotFiniteError


class CountingModule:
    """NumPy with the functions that the check uses; it counts the copies to the host."""

    def __init__(self):
        self.copies = 0

    def zeros(self, count, dtype):
        return np.zeros(count, dtype)

    def asnumpy(self, x):
        self.copies += 1
        return x.copy()


def add_loss(check, name, value):
    """A kernel writes the loss to the slot; then the game adds it."""
    slot = check.slot
    slot[...] = value
    check.loss(name, slot)


def test_nothing_is_copied_until_the_buffer_is_full():
    xp = CountingModule()
    check = DeferredCheck(xp)
    for i in range(DeferredCheck.slots - 1):
        add_loss(check, "V", i)
    assert xp.copies == 0
    add_loss(check, "V", 0)
    assert xp.copies == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 5, DeferredCheck.slots - 1])
def test_a_loss_that_is_not_finite_is_named_when_the_buffer_is_full(place, value):
    check, last = DeferredCheck(CountingModule()), DeferredCheck.slots - 1
    for i in range(last):
        add_loss(check, f"loss {i}", value if i >= place else 1.0)
    message = rf"^loss {place} was {value}, {last - place} lo"
    with pytest.raises(DeferredNotFiniteError, match=message):
        add_loss(check, f"loss {last}", value)


def test_flush_checks_the_losses_and_empties_the_buffer():
    check = DeferredCheck(CountingModule())
    add_loss(check, "V", 1.0)
    check.flush()
    add_loss(check, "V", np.nan)
    add_loss(check, "G's loss", 2.0)
    with pytest.raises(NotFiniteError, match=r"^V was nan, 1 losses ago$"):
        check.flush()
    check.flush()  # the same loss is not reported again


def test_losses_of_an_earlier_flush_are_not_checked_again():
    check = DeferredCheck(CountingModule())
    add_loss(check, "V", np.nan)
    with pytest.raises(DeferredNotFiniteError):
        check.flush()
    add_loss(check, "V", 1.0)
    check.flush()


def test_a_loss_outside_the_buffer_is_copied_to_it():
    check = DeferredCheck(CountingModule())
    check.loss("another objective's loss", np.float32(np.nan))
    with pytest.raises(DeferredNotFiniteError, match="another objective's loss was nan"):
        check.flush()


def test_a_gradient_is_returned_unchecked():
    g = object()
    assert DeferredCheck(CountingModule()).gradient("D", g) is g
