"""Losses are examined many at a time, and none that is not finite gets through."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.cuda.deferred import DeferredCheck, DeferredNotFiniteError
from minigan.finite import NotFiniteError


class Watched:
    """NumPy under the names that the check asks for; counts the copies to the host."""

    def __init__(self):
        self.looks = 0

    def zeros(self, count, dtype):
        return np.zeros(count, dtype)

    def asnumpy(self, x):
        self.looks += 1
        return x.copy()


def keep(check, name, value):
    """What a kernel does, and then the game."""
    slot = check.slot
    slot[...] = value
    check.loss(name, slot)


def test_nothing_is_copied_until_the_buffer_is_full():
    xp = Watched()
    check = DeferredCheck(xp)
    for i in range(DeferredCheck.slots - 1):
        keep(check, "V", i)
    assert xp.looks == 0
    keep(check, "V", 0)
    assert xp.looks == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 5, DeferredCheck.slots - 1])
def test_a_loss_that_is_not_finite_is_named_when_the_buffer_is_full(place, value):
    check, last = DeferredCheck(Watched()), DeferredCheck.slots - 1
    for i in range(last):
        keep(check, f"loss {i}", value if i >= place else 1.0)
    words = rf"^loss {place} was {value}, {last - place} lo"
    with pytest.raises(DeferredNotFiniteError, match=words):
        keep(check, f"loss {last}", value)


def test_settling_looks_at_what_is_there_and_begins_anew():
    check = DeferredCheck(Watched())
    keep(check, "V", 1.0)
    check.flush()
    keep(check, "V", np.nan)
    keep(check, "G's loss", 2.0)
    with pytest.raises(NotFiniteError, match=r"^V was nan, 1 losses ago$"):
        check.flush()
    check.flush()  # what was told is not told again


def test_what_stood_in_the_buffer_before_is_not_looked_at():
    check = DeferredCheck(Watched())
    keep(check, "V", np.nan)
    with pytest.raises(DeferredNotFiniteError):
        check.flush()
    keep(check, "V", 1.0)
    check.flush()


def test_a_loss_from_elsewhere_is_kept_too():
    check = DeferredCheck(Watched())
    check.loss("another objective's loss", np.float32(np.nan))
    with pytest.raises(DeferredNotFiniteError, match="another objective's loss was nan"):
        check.flush()


def test_a_gradient_is_handed_on_unseen():
    g = object()
    assert DeferredCheck(Watched()).gradient("D", g) is g
