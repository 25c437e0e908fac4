"""The features are the outputs of D's hidden layers, without dropout, for every kind of D."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.errors import UserError
from minigan.layers import Linear
from minigan.network import Network
from minigan.training.features import hidden_layer, load_discriminator
from minigan.training.parts import Parts
from minigan.training.runs import checkpoint


def maxout(x, W, b):
    """The maximum of 2 pieces: column p * units + j holds piece p of unit j."""
    return (x @ W + b).reshape(len(x), 2, -1).max(axis=1)


def test_the_features_of_both_layers_agree_with_numpy(tmp_path):
    train(tmp_path / "run")
    D, theta = load_discriminator(tmp_path / "run")
    saved = checkpoint.load(tmp_path / "run" / "checkpoint.npz")["theta_d"]
    assert np.array_equal(theta.vector, saved)
    x = np.random.default_rng(0).random((5, 64), dtype=np.float32)
    h1 = maxout(x, theta["linear1.W"], theta["linear1.b"])
    h2 = maxout(h1, theta["linear2.W"], theta["linear2.b"])
    for layer, expected in ((1, h1), (2, h2)):
        network, part = hidden_layer(D, theta, layer)
        assert np.allclose(network.forward(part, x).y, expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(UserError, match="D has the hidden layers 1 to 2: layer 3 does not exist"):
        hidden_layer(D, theta, 3)


def test_the_pooling_belongs_to_the_layer_of_its_convolution():
    experiment = tiny.experiment(**tiny.CONVOLUTION)
    D, theta = experiment.game.D, experiment.game.player_d.theta
    x = experiment.data.train.gather(np.arange(3))
    whole = D.forward(theta, x)
    inputs = [whole.layers[D.names.index(name)].x for name in ("linear1", "linear2", "linear3")]
    for layer, expected in enumerate(inputs, start=1):
        network, part = hidden_layer(D, theta, layer)
        assert np.array_equal(network.forward(part, x).y, expected)
    assert D.names[D.names.index("linear1") - 2] == "maxpooling1"


def test_a_D_with_one_layer_has_no_features():
    D = Network(64, (Linear(1, 0.1),))
    with pytest.raises(UserError, match="D has no hidden layer"):
        hidden_layer(D, D.zeros(), 1)
    D = Network(64, (Linear(3, 0.1), Linear(1, 0.1)))
    with pytest.raises(UserError, match="D has one hidden layer"):
        hidden_layer(D, D.zeros(), 2)


def test_a_custom_D_is_needed_where_the_run_had_one(tmp_path):
    D = Network(64, (Linear(3, 0.1), Linear(1, 0.1)))
    from minigan.training import trainer

    trainer.train(tiny.recipe(), 1, out=tmp_path / "run", parts=Parts(D=D))
    with pytest.raises(UserError, match="was trained with a custom D"):
        load_discriminator(tmp_path / "run")
    found, theta = load_discriminator(tmp_path / "run", parts=Parts(D=D))
    assert found is D
    assert theta["linear1.W"].shape == (64, 3)


def test_a_pretrained_generator_has_no_D():
    with pytest.raises(UserError, match="mnist is a pretrained generator without D"):
        load_discriminator(Path("mnist"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v[:-1], "does not match the networks of this recipe"),
        (lambda v: v.astype(np.float64), "does not match the networks of this recipe"),
        (lambda v: np.full_like(v, np.nan), "invalid numbers"),
        (lambda v: None, '"theta_d" is missing'),
    ],
)
def test_a_damaged_checkpoint_is_refused(tmp_path, change, message):
    train(tmp_path / "run")
    file = tmp_path / "run" / "checkpoint.npz"
    arrays = checkpoint.load(file)
    changed = change(arrays.pop("theta_d"))
    checkpoint.save(file, arrays if changed is None else {**arrays, "theta_d": changed})
    with pytest.raises(UserError, match=message):
        load_discriminator(tmp_path / "run")
