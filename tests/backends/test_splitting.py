"""What can be split over rows is accepted, and everything else is refused by name."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import split_game
from softgpu import standin

from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import GameParts
from minigan.backends.splitting import require_splittable, rows_of_penalty
from minigan.errors import UserError
from minigan.layers import Layer
from minigan.network import Network
from minigan.objectives import OBJECTIVES
from minigan.objectives.penalties import R1, R1R2, R2, WGANGP


def parts(**changes: Any) -> GameParts:
    game = split_game.game()
    own = {name: getattr(game, name) for name in GameParts.__dataclass_fields__}
    return replace(GameParts(**own), **changes)


@dataclass(frozen=True)
class Centred(Layer):
    """y = x - mean over rows: a statistic of the minibatch."""

    def forward(self, theta: Any, trace: Any) -> Any:
        return np.subtract(trace.x, trace.x.mean(axis=0), out=trace.y)

    def backward_input(self, theta: Any, trace: Any, dy: Any) -> Any:
        return np.subtract(dy, dy.mean(axis=0), out=trace.dx)


@dataclass(frozen=True)
class Squared:
    """A penalty that is no mean over rows: the square of one."""

    def backward(self, D: Any, both: Any, da: Any, step: int, *, out: Any) -> Any:
        P = R1(1.0).backward(D, both, da, step, out=out)
        out.vector *= 2 * P
        return P**2


class WithoutRows(WGANGP):
    """A penalty whose draws do not know their rows."""

    def from_row(self, first: int) -> Any:
        return self


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=list(OBJECTIVES))
def test_every_objective_of_minigan_can_be_split(objective):
    require_splittable(parts(objective=objective), NumPyBackend())


@pytest.mark.parametrize("penalty", [R1(2.0), R2(2.0), R1R2(0.0), WGANGP(3.0, seed=1)])
def test_every_penalty_of_minigan_can_be_split(penalty):
    require_splittable(parts(penalty=penalty), NumPyBackend())


def test_parts_with_gradients_of_zero_can_be_split():
    require_splittable(parts(penalty=R1(0.0)), NumPyBackend())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"penalty": Squared()}, "the penalty Squared is not a mean over rows"),
        ({"penalty": WithoutRows(3.0, seed=1)}, "the penalty WithoutRows is not a mean over rows"),
    ],
)
def test_a_penalty_that_is_no_mean_over_rows_is_refused(change, sentence):
    with pytest.raises(UserError, match=f"{sentence}, .* train with one rank"):
        require_splittable(parts(**change), NumPyBackend())


@pytest.mark.parametrize("player", ["G", "D"])
def test_a_layer_with_statistics_of_the_minibatch_is_refused(player):
    network = getattr(split_game, player)
    changed = Network(network.inputs, (network.layers[0], Centred(), *network.layers[1:]))
    with pytest.raises(UserError, match="the layer centred1 computes a row from other rows"):
        require_splittable(parts(**{player: changed}), NumPyBackend())


def test_an_objective_is_refused_for_either_player():
    def of_D(a_real: Any, a_fake: Any, *, out: Any = None) -> Any:
        m = len(a_real)
        return (a_real - a_real.mean()) / m, a_fake / m

    minimax = OBJECTIVES["minimax"]
    relative = replace(minimax, name="relative", value_gradient=of_D)
    with pytest.raises(UserError, match="the objective relative is not a mean over rows"):
        require_splittable(parts(objective=relative), NumPyBackend())
    summed = replace(minimax, name="summed", loss_gradient=lambda a, out=None: a * 1.0)
    with pytest.raises(UserError, match="the objective summed is not a mean over rows"):
        require_splittable(parts(objective=summed), NumPyBackend())


def test_the_parts_of_a_device_are_tried_there(monkeypatch):
    cupy = standin.CuPy()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    backend = CuPyBackend(cupy)
    game = split_game.game(dtype=np.float32)
    own = {name: getattr(game, name) for name in GameParts.__dataclass_fields__}
    for player in (game.player_g, game.player_d):
        player.theta = type(player.theta)(player.theta.shapes, backend.asarray(player.theta.vector))
    require_splittable(replace(GameParts(**own), penalty=WGANGP(1.0, seed=2)), backend)


def test_a_penalty_without_draws_is_the_same_for_all_rows():
    assert rows_of_penalty(None, 3) is None
    assert rows_of_penalty(R1(1.0), 3) == R1(1.0)
    assert rows_of_penalty(WGANGP(1.0, seed=2), 3) == WGANGP(1.0, seed=2, first=3)
