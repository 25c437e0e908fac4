"""The average of G: its formula, no effect on training, and its use for samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.errors import UserError
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training import sampling
from minigan.training.averaging import Average
from minigan.training.runs import checkpoint

AVERAGED: dict[str, Any] = {"generator__average_keep": 0.75, "generator__average_every": 2}


def test_four_averages_by_hand() -> None:
    theta = Parameters({"w": (2,)}, np.array([8.0, 0.0]))
    average = Average(theta, keep=0.75, every=2)
    np.testing.assert_array_equal(average.bar.vector, [8, 0])  # as drawn
    seen = [0, 16, 1, 4, 9, 1, 7, 3, 5, 14]
    expected = [8, 16, 16, 10, 10, 7, 7, 6, 6, 8]  # means of 1, 2, 3 and 4; then 3/4 6 + 1/4 14
    for t, (w, bar) in enumerate(zip(seen, expected, strict=True), start=1):
        theta.assign(np.array([w, w / 4]))
        average.after(t)
        np.testing.assert_allclose(average.bar.vector, [bar, bar / 4 if t > 1 else 0], rtol=1e-15)
    np.testing.assert_array_equal(theta.vector, [14, 3.5])
    assert average.bar.version == 5


def test_the_average_does_not_change_training() -> None:
    plain, averaged = tiny.experiment(), tiny.experiment(**AVERAGED)
    bar, thetas = averaged.game.player_g.theta.vector.copy(), []
    for t in range(7):
        for experiment in (plain, averaged):
            experiment.iterate(t)
        thetas.append(averaged.game.player_g.theta.vector.astype(float))
        if t == 1:
            bar = thetas[1]
        elif t == 3:
            bar = (thetas[1] + thetas[3]) / 2
        elif t == 5:
            bar = (thetas[1] + thetas[3] + thetas[5]) / 3
    without, with_average = plain.state(), averaged.state()
    assert set(with_average) - set(without) == {"average_g"}
    for name, array in without.items():
        np.testing.assert_array_equal(array, with_average[name])
    np.testing.assert_allclose(with_average["average_g"], bar, rtol=1e-6, atol=1e-8)


def samples_of(G: Network, theta: Any, z: Any) -> Any:
    return G.forward(Parameters(G.shapes, theta), z).y


def test_samples_use_the_average_in_a_run_and_from_its_folder(tmp_path: Path) -> None:
    run = train(tmp_path / "run", **AVERAGED).run.path
    saved = checkpoint.load(run / "checkpoint.npz")
    game = tiny.experiment(**AVERAGED)
    game.restore(saved)
    z = game.sampler.noise(20, seed=3)
    expected = samples_of(game.game.G, saved["average_g"], z)
    assert abs(expected - samples_of(game.game.G, saved["theta_g"], z)).max() > 1e-4
    np.testing.assert_array_equal(game.sampler.samples(z), expected)
    np.testing.assert_array_equal(sampling.load_sampler(run).samples(z), expected)


def test_a_checkpoint_without_the_average_is_refused(tmp_path: Path) -> None:
    run = train(tmp_path / "run").run.path
    with pytest.raises(UserError, match="does not match the networks of this recipe"):
        tiny.experiment(**AVERAGED).restore(checkpoint.load(run / "checkpoint.npz"))


@pytest.mark.parametrize("alone", ["average_keep", "average_every"])
def test_one_setting_needs_the_other(alone: str) -> None:
    with pytest.raises(UserError, match=r"set both .*average_keep and .*average_every, or neither"):
        tiny.recipe(**{f"generator__{alone}": AVERAGED[f"generator__{alone}"]})
