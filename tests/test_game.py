"""A game owns its buffers, and refuses networks that do not fit."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from minigan import objectives
from minigan.descriptions import Linear
from minigan.game import Game
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.schedules import Constant


def make(G: Network, D: Network, dtype: Any = np.float64, **options: Any) -> Game:
    players = [Momentum(net.initial(1, "t", dtype), Constant(0.1), Constant(0.5)) for net in (G, D)]
    settings = {"draws": None, "objective": objectives.minimax, "m": 3, **options}
    return Game(G, D, *players, **settings)


def test_G_writes_its_samples_into_the_lower_half_of_the_batch() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)))
    game.batch[...] = np.nan
    y = game.G.forward(game.player_g.theta, np.ones((3, 2)), trace=game.trace_G).y
    np.testing.assert_array_equal(game.batch[3:], y)
    assert np.isnan(game.batch[:3]).all()
    assert game.batch.dtype == game.da.dtype == game.dtheta_d.vector.dtype == np.float64


@pytest.mark.parametrize(("made", "taken", "answers"), [(4, 5, 1), (4, 4, 2)])
def test_networks_that_do_not_fit_are_refused(made: int, taken: int, answers: int) -> None:
    sentence = f"G makes {made} numbers, D takes {taken} and answers with {answers}: the first"
    with pytest.raises(ValueError, match=sentence):
        make(Network(2, (Linear(made, 0.1),)), Network(taken, (Linear(answers, 0.1),)))


@pytest.mark.parametrize("options", [{"k": 0}, {"m": 0}])
def test_k_and_m_must_be_positive(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="k and m must be at least 1"):
        make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), **options)


def test_a_minibatch_of_one_is_a_minibatch() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), m=1)
    assert (game.k, game.batch.shape) == (1, (2, 4))


def test_the_buffers_are_declared_and_neither_arguments_nor_printed() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)))
    buffers = {field.name for field in fields(Game) if not field.init}
    assert buffers == {
        *("batch", "da", "dtheta_g", "dtheta_d"),
        *("trace_G", "trace_D", "trace_G_step", "trace_D_of_samples"),
    }
    assert not [name for name in buffers if f"{name}=" in repr(game)]
    assert "m=3" in repr(game)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_all_buffers_have_the_dtype_of_the_parameters(dtype: type) -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), dtype=dtype)
    traces = (game.trace_G, game.trace_D, game.trace_G_step, game.trace_D_of_samples)
    arrays = [game.batch, game.da, game.dtheta_g.vector, game.dtheta_d.vector]
    assert {array.dtype for array in (*arrays, *(trace.y for trace in traces))} == {np.dtype(dtype)}


def test_players_of_two_precisions_are_refused() -> None:
    G, D = Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),))
    g = Momentum(G.initial(1, "g", np.float32), Constant(0.1), Constant(0.5))
    d = Momentum(D.initial(1, "d", np.float64), Constant(0.1), Constant(0.5))
    with pytest.raises(ValueError, match="theta_g is float32 and theta_d float64"):
        Game(G, D, g, d, draws=None, objective=objectives.minimax, m=3)


def test_each_pass_has_buffers_of_its_own() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)))
    assert np.shares_memory(game.trace_G.y, game.batch[3:])
    assert not np.shares_memory(game.trace_G_step.y, game.batch)
    assert not np.shares_memory(game.trace_D.y, game.trace_D_of_samples.y)
