"""The models of Table 2: sizes and seeds, each trained once, and the statistic of the chains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigan.reports.table2 import models as module
from minigan.reports.table2.models import MODELS, Models


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model is trained for two updates only."""
    for name in ("VAE", "RBM", "DBM", "GSN"):
        monkeypatch.setitem(MODELS[name], "updates", 2)
    monkeypatch.setitem(MODELS["GAN"], "iterations", 2)


@pytest.mark.usefixtures("short")
def test_the_models_have_the_sizes_of_their_settings() -> None:
    models = Models(0)
    vae, theta_e, theta_g = models.vae
    assert (vae.E.inputs, vae.z_size, vae.G.outputs) == (64, 2, 64)
    assert (theta_e.shapes, theta_g.shapes) == (vae.E.shapes, vae.G.shapes)
    assert models.rbm["W"].shape == (64, 16)
    assert [theta["W"].shape for theta in models.dbm] == [(64, 16), (16, 8)]
    assert {one.vector.dtype for one in (models.rbm, *models.dbm)} == {np.dtype(np.float64)}
    gsn, theta = models.gsn
    assert (gsn.salt, gsn.noise, theta.shapes) == (0.2, 1.0, gsn.shapes)
    assert models.gsn_with_salt(0.4)[0].salt == 0.4
    assert models.gan.n == 64


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "theta",
    [
        lambda models: models.vae[1],
        lambda models: models.rbm,
        lambda models: models.dbm[1],
        lambda models: models.gsn[1],
        lambda models: models.gan.theta_g,
    ],
)
def test_a_model_is_a_function_of_the_seed(theta: Callable[[Models], Any]) -> None:
    same, other = theta(Models(0)).vector, theta(Models(1)).vector
    np.testing.assert_array_equal(theta(Models(0)).vector, same)
    assert (same != other).any()


def test_a_model_is_trained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[int] = []

    def train_vae(vae: object, images: object, updates: int, seed: int) -> tuple[str, str]:
        trained.append(updates)
        return "theta_e", "theta_g"

    monkeypatch.setattr(module, "train_vae", train_vae)
    models = Models(0)
    assert models.vae is models.vae
    assert trained == [MODELS["VAE"]["updates"]]


def test_the_statistic_has_the_largest_variance_of_all_directions() -> None:
    models = Models(0)
    x = models.train.all().astype(np.float64)
    largest = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)[0] ** 2 / (len(x) - 1)
    assert np.var(x @ models.direction, ddof=1) == pytest.approx(largest, rel=1e-9)


def test_binary_images_have_the_brightness_of_the_images() -> None:
    models = Models(0)
    x = models.binary(models.test)
    assert set(np.unique(x)) == {0, 1}
    assert x.mean() == pytest.approx(models.test.all().mean(), abs=0.01)
    assert models.classifier.error < 0.15
