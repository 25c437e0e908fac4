"""The cells of directed models, for VAEs whose numbers are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.layers import Linear
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.reports.table2 import directed
from minigan.reports.table2.models import Models
from minigan.theory.relatives.vae import VAE

VAE_OF_SIGNS = VAE(Network(2, (Linear(4, 1.0),)), Network(2, (Linear(2, 1.0),)))


def signs() -> Models:
    """x_j = [z_j > 0], and E gives E[z_j | x_j] = +-sqrt(2 / pi)."""
    theta_e, theta_g = VAE_OF_SIGNS.E.zeros(), VAE_OF_SIGNS.G.zeros()
    theta_g["linear1.W"][...] = 1e6 * np.eye(2)
    theta_e["linear1.W"][:, :2] = 2 * math.sqrt(2 / math.pi) * np.eye(2)
    theta_e["linear1.b"][:2] = -math.sqrt(2 / math.pi)
    models = Models(0)
    vars(models)["vae"] = VAE_OF_SIGNS, theta_e, theta_g
    vars(models)["direction"] = np.ones(2)
    return models


def constant() -> Models:
    """All pixels are fair coins, whatever z is; q(z|x) is the prior."""
    vae = VAE(Network(64, (Linear(4, 1.0),)), Network(2, (Linear(64, 1.0),)))
    models = Models(0)
    vars(models)["vae"] = vae, vae.E.zeros(), vae.G.zeros()
    return models


def test_if_x_does_not_depend_on_z_there_is_no_gap_and_no_error() -> None:
    measured = directed.training_of_directed(constant(), images=5)
    assert measured.value == pytest.approx(0, abs=1e-6)
    assert measured.details["log_p"] == pytest.approx(-64 * math.log(2), abs=1e-6)
    assert directed.evaluating_of_directed(constant(), images=5, K=3).value == pytest.approx(
        0, abs=1e-5
    )


def test_the_gap_is_that_of_a_q_that_is_not_the_posterior() -> None:
    models = constant()
    models.vae[1]["linear1.b"][:2] = 1, 2  # mu: KL(q || prior) = (1 + 4) / 2
    assert directed.training_of_directed(models, images=5).value == pytest.approx(2.5, abs=1e-5)


def test_R_squared_of_signs_is_two_over_pi() -> None:
    assert directed.inference_of_directed(signs(), 20_000).value == pytest.approx(
        2 / math.pi, abs=0.01
    )


def test_draws_are_independent() -> None:
    measured = directed.sampling_of_directed(signs(), chains=20, steps=2000)
    assert measured.value == pytest.approx(2000, rel=0.06)
    assert measured.unit == "of 2,000 draws"


def test_a_decoder_counts_if_E_learns_half_a_nat(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter([1.0, 0.51, 0.5, 0.49, 0.0])  # KL in nats of each decoder

    def train(vae: VAE, images: object, updates: int, seed: int) -> tuple[Parameters, Parameters]:
        assert (updates, seed) == (7, 0)
        theta_e = vae.E.zeros()
        theta_e["linear2.b"][0] = math.sqrt(2 * next(codes) + 1e-6)
        return theta_e, vae.G.zeros()

    monkeypatch.setattr(directed, "train_vae", train)
    models = Models(0)
    vae = directed.VAE(Network(64, (Linear(3, 1.0), Linear(4, 1.0))), VAE_OF_SIGNS.G)
    vars(models)["vae"] = vae, vae.E.zeros(), vae.G.zeros()
    measured = directed.design_of_directed(models, updates=7)
    assert (measured.value, measured.unit) == (3, "of 5 decoders")
    assert measured.details["KL"]["z rounded"] == 0


def test_the_decoders_differ_and_the_last_one_rounds() -> None:
    found = directed.decoders()
    assert {(G.inputs, G.outputs) for G in found.values()} == {(2, 64)}
    assert len({G.layers for G in found.values()}) == 5
    G = found["z rounded"]
    theta = G.initial(0, "G")
    near = np.array([[0.2, -0.4], [0.0, 0.0]], np.float32)
    y = G.forward(theta, near).y
    np.testing.assert_array_equal(y[0], y[1])
