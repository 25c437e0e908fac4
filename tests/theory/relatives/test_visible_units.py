"""A rounded x stops the gradient of a GAN, a rounded z that of a VAE, and not the other way."""

from __future__ import annotations

from itertools import pairwise

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from minigan import draws
from minigan.arrays import Array
from minigan.layers import Layer, Linear, ReLU
from minigan.network import Network
from minigan.parameters import Parameters
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


def matrices(vector: Array, *sizes: int) -> list[Array]:
    """W_1, b_1, W_2, b_2, ... of layers with these numbers of inputs and outputs."""
    found, at = [], 0
    for n, outputs in pairwise(sizes):
        found.append(vector[at : at + n * outputs].reshape(n, outputs))
        found.append(vector[at + n * outputs : at + n * outputs + outputs])
        at += (n + 1) * outputs
    assert at == len(vector)
    return found


def of_network(a: Array, A: Array, b: Array, C: Array, d: Array) -> Array:
    """a -> linear -> ReLU -> linear, with autograd's NumPy."""
    h = anp.dot(a, A) + b
    return anp.dot(h * (h > 0), C) + d  # with the slope 0 at 0


def initial(name: str, seed: int, n: int, *layers: Layer) -> Array:
    return Network(n, layers).initial(seed, f"visible/{name}", np.float64).vector


@pytest.mark.parametrize("z_is_rounded", [False, True])
def test_the_gradient_of_the_gan_is_that_of_autograd(z_is_rounded: bool) -> None:
    z = draws.generator(4, "visible/z", 0).standard_normal((20, 3))
    z = np.round(z) if z_is_rounded else z
    theta_g = initial("theta_g", 4, 3, Linear(8, 1.0), ReLU(), Linear(6, 1.0))
    theta_d = initial("theta_d", 4, 6, Linear(8, 1.0), ReLU(), Linear(1, 1.0))

    def J(theta: Array) -> float:
        x = 1 / (1 + anp.exp(-of_network(z, *matrices(theta, 3, 8, 6))))
        a = of_network(x, *matrices(theta_d, 6, 8, 1))
        return anp.mean(anp.log(1 + anp.exp(-a)))  # -log sigma(a)

    found = gan_gradient(False, z_is_rounded, 4).vector
    np.testing.assert_allclose(found, grad(J)(theta_g), rtol=1e-10, atol=1e-15)
    if not z_is_rounded:
        slope = (J(theta_g + 1e-7) - J(theta_g)) / 1e-7
        assert change_of_loss(False, 4) / 1e-7 == pytest.approx(slope, abs=1e-8)
    default = gan_gradient(False, z_is_rounded).vector
    np.testing.assert_array_equal(default, gan_gradient(False, z_is_rounded, 0).vector)


@pytest.mark.parametrize("x_is_rounded", [False, True])
def test_the_gradient_of_the_vae_is_that_of_autograd(x_is_rounded: bool) -> None:
    rng = draws.generator(4, "visible/x", 0)
    x, eps = rng.random((20, 6)), rng.standard_normal((20, 3))
    if x_is_rounded:
        x = (rng.random(x.shape, dtype=np.float32) < x).astype(float)
    theta_e = initial("theta_e", 4, 6, Linear(8, 1.0), ReLU(), Linear(6, 1.0))
    W, b = matrices(initial("theta", 4, 3, Linear(6, 1.0)), 3, 6)

    def log_p(theta: Array) -> float:
        y = of_network(x, *matrices(theta, 6, 8, 6))
        a = anp.dot(y[:, :3] + anp.exp(y[:, 3:] / 2) * eps, W) + b
        return anp.sum(x * a - anp.log(1 + anp.exp(a))) / 20

    found = vae_gradient(x_is_rounded, False, 4).vector
    np.testing.assert_allclose(found, grad(log_p)(theta_e), rtol=1e-10, atol=1e-15)
    default = vae_gradient(x_is_rounded, False).vector
    np.testing.assert_array_equal(default, vae_gradient(x_is_rounded, False, 0).vector)


@pytest.mark.parametrize("seed", range(3))
def test_a_small_step_changes_the_loss_of_a_G_only_if_its_samples_are_not_rounded(
    seed: int,
) -> None:
    assert change_of_loss(True, seed) == 0
    assert change_of_loss(False) == change_of_loss(False, 0)
    change = change_of_loss(False, seed)
    slope = visible_units.gan_gradient(False, False, seed).vector.sum()
    assert change == pytest.approx(1e-7 * slope, rel=1e-5)


def test_the_rows_are_exactly_0() -> None:
    rows = visible_units.rounded_rows()
    assert [(row.name, row.formula, row.number, row.expected) for row in rows] == [
        ("section 2, rounded G", "dJ/dtheta_g = 0, worst", 0, 0),
        ("section 2, a step of rounded G", "J(theta_g + 1e-7) - J(theta_g)", 0, 0),
    ]


def test_the_rows_have_the_largest_number_of_a_gradient_and_the_change_of_the_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = Parameters({"b": (3,)}, np.array([1.0, -3.0, 2.0]))
    asked = []

    def gradient(*rounded: bool) -> Parameters:
        asked.append(rounded)
        return wrong

    def change(*rounded: bool) -> float:
        asked.append(rounded)
        return -0.25

    monkeypatch.setattr(visible_units, "gan_gradient", gradient)
    monkeypatch.setattr(visible_units, "change_of_loss", change)
    assert [row.number for row in visible_units.rounded_rows()] == [3, -0.25]
    assert asked == [(True, False), (True,)]


def test_a_rounded_layer_rounds_to_whole_numbers_in_its_own_buffers() -> None:
    network = Network(3, (visible_units.Round(),))
    theta = network.zeros(np.float64)
    trace = network.forward(theta, np.array([[-1.7, 0.4, 2.6]]))
    np.testing.assert_array_equal(trace.y, [[-2, 0, 3]])
    _, dx = network.backward(trace, np.ones((1, 3)))
    np.testing.assert_array_equal(dx, np.zeros((1, 3)))
    (one,), layer = trace.layers, visible_units.Round()
    assert layer.forward({}, one) is one.y
    assert layer.backward_input({}, one, one.y) is one.dx
    assert layer in {visible_units.Round()}  # a frozen description has a hash
