"""A game allocates its buffers, and refuses networks whose sizes do not match."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from minigan import objectives
from minigan.game import Game
from minigan.layers import Linear, ReLU
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


@pytest.mark.parametrize(("of_G", "into_D", "of_D"), [(4, 5, 1), (4, 4, 2)])
def test_networks_whose_sizes_do_not_match_are_refused(of_G: int, into_D: int, of_D: int) -> None:
    message = f"G has {of_G} outputs, D has {into_D} inputs and {of_D} outputs: D needs as many"
    with pytest.raises(ValueError, match=message):
        make(Network(2, (Linear(of_G, 0.1),)), Network(into_D, (Linear(of_D, 0.1),)))


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ({"k": 0}, "{'k': 0, 'm': 3, 'g_steps': 1}"),
        ({"m": 0}, "{'k': 1, 'm': 0, 'g_steps': 1}"),
        ({"g_steps": 0}, "{'k': 1, 'm': 3, 'g_steps': 0}"),
    ],
)
def test_k_m_and_g_steps_must_be_positive(options: dict[str, int], counts: str) -> None:
    with pytest.raises(ValueError, match=f"k, m and g_steps must be at least 1, not {counts}"):
        make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), **options)


def test_a_minibatch_may_have_one_row() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), m=1)
    assert (game.k, game.g_steps, game.batch.shape) == (1, 1, (2, 4))


def test_the_buffers_are_fields_but_not_arguments_and_not_in_the_repr() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)))
    buffers = {field.name for field in fields(Game) if not field.init}
    assert buffers == {
        *("batch", "x", "da", "da_of_samples", "dtheta_g", "dtheta_d", "P"),
        *("trace_G", "trace_D", "trace_G_step", "trace_D_of_samples"),
    }
    assert not [name for name in (*buffers, "check") if f"{name}=" in repr(game)]
    assert "m=3" in repr(game)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_all_buffers_have_the_dtype_of_the_parameters(dtype: type) -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)), dtype=dtype)
    traces = (game.trace_G, game.trace_D, game.trace_G_step, game.trace_D_of_samples)
    arrays = [game.batch, game.x, game.da, game.da_of_samples]
    arrays += [game.dtheta_g.vector, game.dtheta_d.vector]
    assert {array.dtype for array in (*arrays, *(trace.y for trace in traces))} == {np.dtype(dtype)}


def test_players_with_different_dtypes_are_refused() -> None:
    G, D = Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),))
    g = Momentum(G.initial(1, "g", np.float32), Constant(0.1), Constant(0.5))
    d = Momentum(D.initial(1, "d", np.float64), Constant(0.1), Constant(0.5))
    with pytest.raises(ValueError, match="theta_g is float32 and theta_d is float64: use one"):
        Game(G, D, g, d, draws=None, objective=objectives.minimax, m=3)


def test_each_pass_has_its_own_buffers() -> None:
    game = make(Network(2, (Linear(4, 0.1),)), Network(4, (Linear(1, 0.1),)))
    assert np.shares_memory(game.trace_G.y, game.batch[3:])
    assert not np.shares_memory(game.trace_G_step.y, game.batch)
    assert not np.shares_memory(game.trace_D.y, game.trace_D_of_samples.y)


def names_and_arrays(G, D, game, passes):
    """The expected result of `tensors`, for a G with one layer and a D with two."""
    expected = [
        ("G's linear1.W", game.player_g.theta["linear1.W"]),
        ("G's linear1.b", game.player_g.theta["linear1.b"]),
        ("D's linear1.W", game.player_d.theta["linear1.W"]),
        ("D's linear1.b", game.player_d.theta["linear1.b"]),
        ("the minibatch x", game.batch[:3]),
    ]
    d_step, g_step = passes
    if d_step:
        trace = game.trace_G
        expected += [
            ("the input of G(z) in the D step", trace.layers[0].x),
            ("the output of linear1 of G(z) in the D step", game.batch[3:]),
        ]
        expected += [
            ("the input of D(x) and D(G(z)) in the D step", game.batch),
            ("the output of relu1 of D(x) and D(G(z)) in the D step", game.trace_D.layers[0].y),
            ("the output of linear1 of D(x) and D(G(z)) in the D step", game.trace_D.y),
        ]
    if g_step:
        layers = game.trace_D_of_samples.layers
        expected += [
            ("the input of G(z) in the G step", game.trace_G_step.layers[0].x),
            ("the output of linear1 of G(z) in the G step", game.trace_G_step.y),
            ("the input of D(G(z)) in the G step", game.trace_G_step.y),
            ("the output of relu1 of D(G(z)) in the G step", layers[0].y),
            ("the output of linear1 of D(G(z)) in the G step", layers[1].y),
        ]
    return expected


@pytest.mark.parametrize("passes", [(False, False), (True, False), (True, True)])
def test_every_tensor_of_the_passes_so_far_is_named_in_order(passes) -> None:
    G, D = Network(2, (Linear(4, 0.1),)), Network(4, (ReLU(), Linear(1, 0.1)))
    game = make(G, D)
    game.batch[...] = np.random.default_rng(1).standard_normal((6, 4))
    if passes[0]:
        G.forward(game.player_g.theta, np.ones((3, 2)), trace=game.trace_G)
        D.forward(game.player_d.theta, game.batch, trace=game.trace_D)
    if passes[1]:
        g = G.forward(game.player_g.theta, np.full((3, 2), 2.0), trace=game.trace_G_step)
        D.forward(game.player_d.theta, g.y, trace=game.trace_D_of_samples)
    named = list(game.tensors())
    expected = names_and_arrays(G, D, game, passes)
    assert [name for name, _ in named] == [name for name, _ in expected]
    for (name, array), (_, expected_array) in zip(named, expected, strict=True):
        assert np.shares_memory(array, expected_array), name
        np.testing.assert_array_equal(array, expected_array, err_msg=name)
