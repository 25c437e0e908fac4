"""The networks of a recipe: their layers, sizes and memory."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import tiny

from minigan.backends import open_backend
from minigan.errors import UserError
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.training import networks
from minigan.training.experiment import Experiment
from minigan.training.parts import Parts

PENALTY = {"discriminator__penalty": "WGANGP", "discriminator__penalty_weight": 0.1}


class Tanh(Layer):
    """A layer without a second order."""

    def forward(self, theta, trace):
        return np.tanh(trace.x, out=trace.y)

    def backward_input(self, theta, trace, dy):
        return np.multiply(dy, 1 - trace.y**2, out=trace.dx)

    def __repr__(self):
        return "Tanh()"


def test_G_has_rectifiers_and_then_a_sigmoid_per_pixel():
    assert networks.build_G(tiny.recipe().generator, 3, 64) == Network(
        3, (Linear(7, 0.5), ReLU(), Linear(5, 0.5), ReLU(), Linear(64, 0.5), Sigmoid())
    )


def test_D_has_maxout_layers_with_dropout_before_each_and_before_the_logit():
    assert networks.build_D(tiny.recipe().discriminator, 64) == Network(
        64,
        (
            *(Dropout(0.8), Linear(8, 0.3), Maxout(4, 2)),
            *(Dropout(0.5), Linear(6, 0.3), Maxout(3, 2)),
            *(Dropout(0.5), Linear(1, 0.3)),
        ),
    )


def test_a_keep_of_1_leaves_the_dropout_layers_out():
    whole = replace(tiny.recipe().discriminator, keep_input=1.0, units=(4,))
    assert networks.build_D(whole, 64) == Network(
        64, (Linear(8, 0.3), Maxout(4, 2), Dropout(0.5), Linear(1, 0.3))
    )
    assert networks.build_D(replace(whole, keep_hidden=1.0), 64).mask_sizes == []


def test_the_logit_of_the_marginals_gives_the_mean_pixels_back():
    x = np.array([[0.0, 1.0, 0.2, 0.5], [0.0, 1.0, 0.4, 0.5]], dtype=np.float32)
    logit = networks.logit_of_marginals(x.mean(axis=0, dtype=np.float64), 0.01)
    back = [1 / (1 + math.exp(-a)) for a in logit]
    assert back == pytest.approx([0.01, 0.99, 0.3, 0.5], rel=1e-6)


def test_a_linear_output_ends_G_without_a_sigmoid():
    generator = replace(tiny.recipe().generator, output="linear", hidden=(7,))
    assert networks.build_G(generator, 3, 2) == Network(3, (Linear(7, 0.5), ReLU(), Linear(2, 0.5)))


def test_each_hidden_layer_of_G_has_its_activation_and_the_last_layer_its_own_spread():
    generator = replace(
        tiny.recipe().generator, output="linear", activations=("sigmoid", "relu"), output_spread=2.0
    )
    assert networks.build_G(generator, 3, 2) == Network(
        3, (Linear(7, 0.5), Sigmoid(), Linear(5, 0.5), ReLU(), Linear(2, 2.0))
    )


@pytest.mark.parametrize("changes", [{}, PENALTY, tiny.ADAM])
def test_the_memory_of_a_game_is_that_of_its_arrays(changes):
    game = tiny.experiment(**changes).game
    arrays = [game.batch]
    for player in (game.player_g, game.player_d):
        arrays += player.state().values()
    for parameters in (game.player_g.theta, game.player_d.theta, game.dtheta_g, game.dtheta_d):
        arrays.append(parameters.vector)
    for trace in (game.trace_G, game.trace_D, game.trace_G_step, game.trace_D_of_samples):
        for layer in trace.layers:
            arrays += [layer.y, layer.dx]
    if changes == PENALTY:
        trace, own = game.penalty._buffers_of(game.D, game.m, game.player_d.theta)
        arrays.append(own.vector)
        for layer in trace.layers:
            arrays += [layer.y, layer.dx, np.empty_like(layer.dx)]  # the last for a tangent
    total = sum(array.nbytes for array in arrays)
    assert total <= networks.bytes_of(tiny.recipe(**changes), game.G, game.D) <= 1.3 * total


@pytest.mark.parametrize("name", ["R1", "R2", "R1R2", "WGANGP"])
def test_a_penalty_on_a_layer_without_second_order_is_refused_by_name(name):
    penalty = {"discriminator__penalty": name, "discriminator__penalty_weight": 1.0}
    for D_of_images in ({}, tiny.CONVOLUTION):
        begun = tiny.experiment(**penalty, **D_of_images)
        begun.iterate(0)
        assert begun.game.P > 0
    sentence = r"penalty needs the derivative of D's gradient, and Tanh has no tangent: set discr"
    D = Network(64, (Linear(3, 0.5), Tanh(), Linear(1, 0.5)))
    with pytest.raises(UserError, match=sentence):
        Experiment.begin(tiny.recipe(**penalty), 1, open_backend("cpu"), parts=Parts(D=D))
