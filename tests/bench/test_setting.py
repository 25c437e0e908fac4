"""The benchmarked game is the game of the recipe."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends import open_backend
from minigan.bench.setting import (
    cifar,
    images_from_pixels,
    mnist_2014,
    networks,
    new_game,
    random_colour_images,
    random_images,
)
from minigan.data import sets
from minigan.training.experiment import Experiment


def test_width_one_has_the_layers_of_the_recipe() -> None:
    G, D = networks(mnist_2014("algorithm1", 100))
    assert G.widths == [100, 1200, 1200, 1200, 1200, 784, 784]
    assert D.widths == [784, 784, 1200, 240, 240, 1200, 240, 240, 1]


def test_width_scales_hidden_units_alone() -> None:
    G, D = networks(mnist_2014("algorithm1", 100, 1 / 40))
    assert G.widths == [100, 30, 30, 30, 30, 784, 784]
    assert D.widths == [784, 784, 30, 6, 6, 30, 6, 6, 1]


def test_schedule_and_minibatch_are_set_in_the_recipe() -> None:
    recipe = mnist_2014("simultaneous", 7)
    assert (recipe.training.schedule, recipe.training.m) == ("simultaneous", 7)


def test_the_game_equals_the_one_that_the_recipe_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    images = random_images(20)
    monkeypatch.setattr(sets, "load", lambda *_: sets.DataSet("mnist", images, images, images))
    recipe = mnist_2014("algorithm1", 5, 1 / 40)
    trained = Experiment.begin(recipe, 1, open_backend("cpu")).game
    benchmarked = new_game(recipe, images)
    for one, other in (
        (trained.player_d, benchmarked.player_d),
        (trained.player_g, benchmarked.player_g),
    ):
        assert (one.eta, one.mu) == (other.eta, other.mu)
        assert one.theta.shapes == other.theta.shapes
    np.testing.assert_array_equal(trained.player_d.theta.vector, benchmarked.player_d.theta.vector)
    np.testing.assert_array_equal(trained.draws.data(3), benchmarked.draws.data(3))
    np.testing.assert_array_equal(trained.draws.noise("G", 3), benchmarked.draws.noise("G", 3))
    for trained_mask, mask in zip(
        trained.draws.masks("D", 3, 10), benchmarked.draws.masks("D", 3, 10), strict=True
    ):
        np.testing.assert_array_equal(trained_mask, mask)
    assert (trained.m, trained.k, trained.weight_of_V, trained.objective) == (
        benchmarked.m,
        benchmarked.k,
        benchmarked.weight_of_V,
        benchmarked.objective,
    )


def test_random_images_are_bytes_of_the_size_of_mnist() -> None:
    images = random_images(3)
    assert images.pixels.shape == (3, 784)
    assert images.pixels.dtype == np.uint8
    assert images_from_pixels(images.pixels).gather(np.array([1])).max() <= 1


def test_the_networks_for_cifar_have_scaled_units_and_channels_and_no_penalty() -> None:
    recipe = cifar("cifar10-conv-small", 0.5)
    G, D = networks(recipe)
    assert (G.outputs, D.inputs) == (3072, 3072)
    assert recipe.generator.hidden == (150, 10 * 10 * 8)
    assert [one.channels for one in recipe.discriminator.convolutions] == [3, 12]
    assert recipe.discriminator.units == (50,)
    assert recipe.discriminator.penalty == ""


def test_colour_images_have_the_contrast_of_the_recipe() -> None:
    images = random_colour_images(cifar("cifar10-fc-2014"), 3)
    assert images.shape == (32, 32, 3)
    np.testing.assert_allclose(np.linalg.norm(images.all(), axis=1), 55, rtol=1e-6)
