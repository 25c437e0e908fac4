"""Layers of a stack: which one an update trains, their sizes, and which have been trained."""

from __future__ import annotations

import tiny_relative

from minigan.training.relatives import stacked


def test_each_layer_has_its_iterations_and_the_top_one_the_rest() -> None:
    settings = tiny_relative.recipe("dbn", model__hidden=[5, 4, 3], training__iterations=9).model
    found = [stacked.layer_of_update(settings, t) for t in range(9)]
    assert found == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert stacked.layer_of_update(settings, 10**6) == 2
    one = tiny_relative.recipe("dbn", model__hidden=[5], model__layer_iterations=0).model
    assert stacked.layer_of_update(one, 10**6) == 0


def test_the_units_of_a_layer_are_the_inputs_of_the_next() -> None:
    settings = tiny_relative.recipe("cae").model
    assert stacked.sizes_of_layers(64, settings) == [(64, 5), (5, 4)]


def test_only_trained_layers_are_sampled_and_before_the_first_update_the_lowest() -> None:
    model = tiny_relative.experiment("cae").model
    assert isinstance(model, stacked.StackedModel)
    players = model.players
    for updates, layers in (((0, 0), 1), ((1, 0), 1), ((3, 1), 2)):
        for player, count in zip(players, updates, strict=True):
            player.updates = count
        thetas = model.trained
        assert [theta is player.theta for theta, player in zip(thetas, players, strict=False)] == [
            True
        ] * layers
        assert len(thetas) == layers
