"""The initial parameters of a run: sparse output weights, biases, and the G of another run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.backends import open_backend
from minigan.data import digits
from minigan.errors import UserError
from minigan.training import trainer
from minigan.training.experiment import Experiment
from minigan.training.recorder import Reporting
from minigan.training.sampling import load_sampler

SIGMOID = {"generator__activations": ["relu", "sigmoid"]}


def theta_g(**changes: Any) -> Any:
    return tiny.experiment(**changes).game.player_g.theta


def test_each_unit_of_a_sparse_output_has_the_same_number_of_normal_weights() -> None:
    wide = {"generator__hidden": [7, 200]}
    W = theta_g(generator__sparse_output=50, **wide)["linear3.W"]
    assert W.shape == (200, 64)
    assert ((W != 0).sum(axis=0) == 50).all()
    numbers = W[W != 0]  # 3,200 draws from N(0, 1)
    assert abs(numbers.mean()) < 4 / np.sqrt(3200)
    assert abs(numbers.var() - 1) < 4 * np.sqrt(2 / 3200)
    rows = (W != 0).sum(axis=1)  # 64 units choose 50 of 200 inputs each: 16 on average
    assert (rows.mean(), rows.min() > 2, rows.max() < 34) == (16, True, True)
    assert len(np.unique(W != 0, axis=1).T) == 64  # each unit has inputs of its own
    np.testing.assert_array_equal(
        theta_g(generator__sparse_output=50, **wide)["linear1.W"], theta_g(**wide)["linear1.W"]
    )


def test_more_sparse_weights_than_inputs_are_refused() -> None:
    theta_g(generator__sparse_output=5)
    with pytest.raises(UserError, match=r"sparse_output = 6 is more than the 5 inputs of the last"):
        theta_g(generator__sparse_output=6)


def test_sigmoid_layers_begin_with_their_bias_and_the_output_with_its_logits() -> None:
    theta = theta_g(**SIGMOID, generator__hidden_bias=-2.0)
    assert (theta["linear1.b"] == 0).all()
    assert (theta["linear2.b"] == -2).all()
    back = 1 / (1 + np.exp(-theta["linear3.b"]))
    np.testing.assert_allclose(back, np.clip(digits.load("train").mean(), 0.01, 0.99), rtol=1e-5)
    np.testing.assert_array_equal(theta_g()["linear2.b"], 0)


def test_a_tied_bias_begins_with_the_logit_of_the_mean_of_its_channel() -> None:
    tied = {"channels": 1, "kernel": 4, "stride": 2, "pad_out": 1, "tied": True}
    theta = theta_g(
        generator__hidden=[7, 32], generator__map=[4, 4], generator__deconvolutions=[tied]
    )
    back = 1 / (1 + np.exp(-theta["deconvolution1.b"]))
    np.testing.assert_allclose(back, [digits.load("train").all().mean()], rtol=1e-5)


STAGE_2 = {"generator__hidden": [6, 3, 7, 5], "generator__activations": ["relu", "sigmoid"] * 2}


def test_the_last_layers_begin_with_the_whole_G_of_another_run(tmp_path: Path) -> None:
    first = train(tmp_path / "first").run.path
    other = load_sampler(first, averaged=False).theta_g
    stage_2 = {**STAGE_2, "generator__upper": str(first), "generator__hidden_bias": -2.0}
    theta = theta_g(**stage_2)
    assert theta["linear1.W"].shape == (3, 6)
    for new, old in ((3, 1), (4, 2), (5, 3)):
        np.testing.assert_array_equal(theta[f"linear{new}.W"], other[f"linear{old}.W"])
        np.testing.assert_array_equal(theta[f"linear{new}.b"], other[f"linear{old}.b"])
    assert (theta["linear2.b"] == -2).all()  # the new layers are those of the recipe
    np.testing.assert_array_equal(
        theta["linear1.W"], theta_g(**STAGE_2, generator__hidden_bias=-2.0)["linear1.W"]
    )


def test_the_layers_of_another_run_are_trained_and_resumed_without_it(tmp_path: Path) -> None:
    first = train(tmp_path / "first").run.path
    stage_2 = {**STAGE_2, "generator__upper": str(first)}
    whole = train(tmp_path / "whole", training__iterations=4, **stage_2).run.path
    cut = train(tmp_path / "cut", training__iterations=2, **stage_2).run.path
    first.rename(tmp_path / "gone")
    trainer.resume(cut, iterations=4, reporting=Reporting(quiet=True))
    one, other = (load_sampler(path).theta_g for path in (whole, cut))
    np.testing.assert_array_equal(one.vector, other.vector)
    begun = load_sampler(tmp_path / "gone").theta_g
    assert not np.array_equal(one["linear3.W"], begun["linear1.W"])


def test_a_run_whose_G_does_not_fit_is_refused(tmp_path: Path) -> None:
    first = train(tmp_path / "first").run.path
    with pytest.raises(UserError, match=r"do not fit the G of .*\(3, 7\), \(7, 5\), \(5, 64\)"):
        theta_g(**STAGE_2 | {"generator__hidden": [6, 4, 7, 5]}, generator__upper=str(first))
    with pytest.raises(UserError, match="no is not a run folder"):
        theta_g(**STAGE_2, generator__upper="no")


def test_the_parameters_of_a_custom_G_are_its_own() -> None:
    from minigan.training.parts import Parts

    G = tiny.experiment().game.G
    begun = Experiment.begin(
        tiny.recipe(generator__sparse_output=2), 1, open_backend("cpu"), parts=Parts(G=G)
    )
    expected = G.initial(1, "theta_g").vector
    np.testing.assert_array_equal(begun.game.player_g.theta.vector, expected)
