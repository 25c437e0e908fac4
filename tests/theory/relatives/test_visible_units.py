"""A rounded x stops the gradient of a GAN, a rounded z that of a VAE, and not the other way."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.theory.relatives import visible_units
from minigan.theory.relatives.visible_units import change_of_loss, gan_gradient, vae_gradient


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("gradient", "x_is_rounded", "z_is_rounded", "learns"),
    [
        (gan_gradient, False, False, True),
        (gan_gradient, True, False, False),
        (gan_gradient, False, True, True),
        (vae_gradient, False, False, True),
        (vae_gradient, True, False, True),
        (vae_gradient, False, True, False),
    ],
)
def test_who_learns_from_whole_numbers(
    gradient: object, x_is_rounded: bool, z_is_rounded: bool, learns: bool, seed: int
) -> None:
    found = gradient(x_is_rounded, z_is_rounded, seed).vector  # type: ignore[operator]
    assert bool(found.any()) == learns
    if learns:
        assert np.linalg.norm(found) > 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_a_small_step_changes_the_loss_of_a_G_only_if_its_samples_are_not_rounded(
    seed: int,
) -> None:
    assert change_of_loss(True, seed) == 0
    change = change_of_loss(False, seed)
    slope = visible_units.gan_gradient(False, False, seed).vector.sum()
    assert change == pytest.approx(1e-7 * slope, rel=1e-5)


def test_the_rows_are_exactly_0() -> None:
    assert [row.residual for row in visible_units.rounded_rows()] == [0, 0]
