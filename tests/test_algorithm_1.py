"""Algorithm 1 and the simultaneous order: draws, gradients, and which theta each update changes."""

from __future__ import annotations

import inspect
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from minigan import algorithm_1 as loop
from minigan import objectives
from minigan.finite import FiniteCheck, NotFiniteError
from minigan.game import Game
from minigan.layers import Dropout, Linear, Maxout, ReLU, Sigmoid, linear
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

M, Z, N = 3, 2, 4
G = Network(Z, (Linear(5, 0.7), ReLU(), Linear(N, 0.7), Sigmoid()))
D = Network(N, (Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5), Linear(1, 0.7)))
SEEDS = st.integers(0, 2**32 - 1)
UPDATE_ORDERS = [loop.algorithm1, loop.simultaneous]


class RecordedDraws:
    """`Draws` that records each call in `events`; the numbers depend on its own seed only."""

    def __init__(self, seed: int, events: list[Any]) -> None:
        self.seed, self.events = seed, events

    def _rng(self, *key: Any) -> np.random.Generator:
        return np.random.default_rng([self.seed, *(int.from_bytes(str(k).encode()) for k in key)])

    def data(self, step: int, *, out: Any = None) -> Any:
        self.events.append(("data", step))
        return self._rng("x", step).random((M, N))

    def noise(self, player: str, step: int) -> Any:
        self.events.append(("noise", player, step))
        return self._rng("z", player, step).standard_normal((M, Z))

    def masks(self, player: str, step: int, rows: int) -> list[Any]:
        self.events.append(("masks", player, step, rows))
        rng = self._rng("mask", player, step)
        return [rng.random((rows, N)) < 0.8, rng.random((rows, 3)) < 0.5]


class RecordedMomentum(Momentum):
    """Momentum that records each update and its gradient in `events`."""

    def record(self, events: list[Any], name: str) -> None:
        self.events, self.name = events, name

    def ascend(self, g: Parameters) -> None:
        self.events.append(("ascend", self.name, g.vector.copy()))
        super().ascend(g)

    def descend(self, g: Parameters) -> None:
        self.events.append(("descend", self.name, g.vector.copy()))
        super().descend(g)


class RecordedCheck(FiniteCheck):
    """A check that records each loss and each gradient in `events`, and finds all finite."""

    def __init__(self, events: list[Any]) -> None:
        super().__init__()
        self.events = events

    def loss(self, name: str, value: Any) -> None:
        self.events.append(("loss", name, float(value)))

    def gradient(self, player: str, g: Parameters) -> Parameters:
        self.events.append(("gradient", player, g.vector.copy()))
        return g


def make_game(
    seed: int, objective: str = "non_saturating", **options: Any
) -> tuple[Game, list[Any]]:
    """A game of G and D in float64, and the list in which its draws and updates are recorded."""
    events: list[Any] = []
    players = [
        RecordedMomentum(net.initial(seed, name, np.float64), Constant(0.1), Constant(0.5))
        for net, name in ((G, "theta_g"), (D, "theta_d"))
    ]
    for player, name in zip(players, "GD", strict=True):
        player.record(events, name)
    chosen = objectives.OBJECTIVES[objective]
    draws = options.pop("draws", RecordedDraws(seed, events))
    return Game(G, D, *players, draws, chosen, M, **options), events


def without_gradients(events: list[Any]) -> list[Any]:
    return [event[:2] if event[0] in ("ascend", "descend") else event for event in events]


def updates_in(events: list[Any]) -> list[Any]:
    return [event for event in events if event[0] in ("ascend", "descend")]


# An independent copy of the game, differentiated by HIPS autograd ------------------------------


def oracle_G(theta: Any, z: Any) -> Any:
    W1, b1, W2, b2 = cut(theta, [(Z, 5), (5,), (5, N), (N,)])
    a = anp.dot(z, W1) + b1
    h = anp.where(a > 0, a, 0.0)  # not anp.maximum: at a tie autograd splits its gradient
    return 1 / (1 + anp.exp(-(anp.dot(h, W2) + b2)))


def oracle_D(theta: Any, x: Any, masks: Any) -> Any:
    W1, b1, W2, b2 = cut(theta, [(N, 6), (6,), (3, 1), (1,)])
    a = anp.dot(x * masks[0] / 0.8, W1) + b1
    h = anp.where(a[:, :3] >= a[:, 3:], a[:, :3], a[:, 3:]) * masks[1] / 0.5
    return 1 / (1 + anp.exp(-(anp.dot(h, W2) + b2)))


def oracle_V(theta_d: Any, theta_g: Any, x: Any, z: Any, masks: Any) -> Any:
    real, fake = ([mask[:M] for mask in masks], [mask[M:] for mask in masks])
    V = anp.mean(anp.log(oracle_D(theta_d, x, real)))
    return V + anp.mean(anp.log(1 - oracle_D(theta_d, oracle_G(theta_g, z), fake)))


def oracle_loss_G(theta_g: Any, theta_d: Any, z: Any, masks: Any, name: str) -> Any:
    D_Gz = oracle_D(theta_d, oracle_G(theta_g, z), masks)
    return anp.mean(anp.log(1 - D_Gz)) if name == "minimax" else -anp.mean(anp.log(D_Gz))


def cut(theta: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    parts, start = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        parts.append(anp.reshape(theta[start : start + size], shape))
        start += size
    return parts


def assert_close(a: Any, b: Any) -> None:
    assert abs(a - b).max() <= 1e-12 * abs(b).max()


# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 3])
def test_draws_and_updates_come_in_the_order_of_the_paper(k: int) -> None:
    game, events = make_game(0, k=k)
    for t in range(2):
        loop.algorithm1(game, t)
    expected: list[Any] = []
    for t in range(2):
        for step in range(t * k, (t + 1) * k):
            expected += [("noise", "D", step), ("data", step), ("masks", "D", step, 2 * M)]
            expected += [("ascend", "D")]
        expected += [("noise", "G", t), ("masks", "G", t, M), ("descend", "G")]
    assert without_gradients(events) == expected
    assert (game.player_d.updates, game.player_g.updates) == (2 * k, 2)


@pytest.mark.parametrize(("k", "g_steps"), [(1, 3), (2, 2)])
def test_each_of_several_G_steps_has_fresh_noise_and_masks(k: int, g_steps: int) -> None:
    game, events = make_game(0, k=k, g_steps=g_steps)
    for t in range(2):
        loop.algorithm1(game, t)
    expected: list[Any] = []
    for t in range(2):
        for step in range(t * k, (t + 1) * k):
            expected += [("noise", "D", step), ("data", step), ("masks", "D", step, 2 * M)]
            expected += [("ascend", "D")]
        for step in range(t * g_steps, (t + 1) * g_steps):
            expected += [("noise", "G", step), ("masks", "G", step, M), ("descend", "G")]
    assert without_gradients(events) == expected
    assert (game.player_d.updates, game.player_g.updates) == (2 * k, 2 * g_steps)


def test_each_of_several_G_steps_starts_from_the_previous_one_with_the_same_D() -> None:
    game, events = make_game(5, g_steps=3)
    theta_g, v_g = game.player_g.theta.vector.copy(), 0.0
    logits = loop.algorithm1(game, 0)
    theta_d, draws = game.player_d.theta.vector, RecordedDraws(5, [])
    updates = [event for event in events if event[0] == "descend"]
    for step in range(3):
        z, masks = draws.noise("G", step), draws.masks("G", step, M)
        D_Gz = oracle_D(theta_d, oracle_G(theta_g, z), masks)
        g = grad(oracle_loss_G)(theta_g, theta_d, z, masks, "non_saturating")
        assert_close(updates[step][2], g)
        v_g = 0.5 * v_g - 0.1 * g
        theta_g = theta_g + v_g
    assert_close(game.player_g.theta.vector, theta_g)
    assert_close(1 / (1 + np.exp(-logits.sample)), D_Gz)  # those of the last G step


@pytest.mark.parametrize(("k", "g_steps"), [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_a_D_update_changes_theta_d_only_and_a_G_update_theta_g_only(
    monkeypatch: pytest.MonkeyPatch, order: Any, k: int, g_steps: int
) -> None:
    game, _ = make_game(1, k=k, g_steps=g_steps)
    players = {"D": game.player_d, "G": game.player_g}
    records: list[Any] = []  # (player, all bytes before its update, all bytes after it)

    def bytes_of_both() -> dict[str, Any]:
        return {name: (p.theta.vector.tobytes(), p.v.tobytes()) for name, p in players.items()}

    def recorded(name: str, update: Any) -> Any:
        def with_record(g: Parameters) -> None:
            before = bytes_of_both()
            update(g)
            records.append((name, before, bytes_of_both()))

        return with_record

    monkeypatch.setattr(game.player_d, "ascend", recorded("D", game.player_d.ascend))
    monkeypatch.setattr(game.player_g, "descend", recorded("G", game.player_g.descend))
    last = bytes_of_both()
    for t in range(3):
        order(game, t)
    end = bytes_of_both()

    one_iteration = "DG" if order is loop.simultaneous else "D" * k + "G" * g_steps
    assert "".join(name for name, *_ in records) == 3 * one_iteration
    for name, before, after in records:
        other = "G" if name == "D" else "D"
        assert before == last  # nothing has changed since the update before, or since the start
        assert after[other] == before[other]  # theta and velocity of the other player
        assert after[name][0] != before[name][0]
        last = after
    assert end == last  # nothing has changed after the last update


@given(seed=SEEDS, k=st.integers(1, 3), weight=st.sampled_from([1.0, 0.5]))
def test_each_update_of_algorithm_1_follows_the_gradient_that_autograd_finds(
    seed: int, k: int, weight: float
) -> None:
    for name in ("minimax", "non_saturating"):
        game, events = make_game(seed, name, k=k, weight_of_V=weight)
        theta_g = game.player_g.theta.vector.copy()
        theta_d, v_d = game.player_d.theta.vector.copy(), 0.0
        loop.algorithm1(game, 0)
        draws = RecordedDraws(seed, [])
        updates = updates_in(events)
        for step in range(k):
            masks = draws.masks("D", step, 2 * M)
            g = weight * grad(oracle_V)(
                theta_d, theta_g, draws.data(step), draws.noise("D", step), masks
            )
            assert_close(updates[step][2], g)
            v_d = 0.5 * v_d + 0.1 * g
            theta_d = theta_d + v_d
        assert_close(game.player_d.theta.vector, theta_d)
        z, masks = draws.noise("G", 0), draws.masks("G", 0, M)
        g = grad(oracle_loss_G)(theta_g, theta_d, z, masks, name)
        assert_close(updates[k][2], g)
        assert_close(game.player_g.theta.vector, theta_g - 0.1 * g)


@given(seed=SEEDS)
def test_the_simultaneous_order_takes_both_gradients_at_the_same_parameters(seed: int) -> None:
    for name in ("minimax", "non_saturating"):
        game, events = make_game(seed, name, weight_of_V=0.5)
        theta_g, theta_d = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
        loop.simultaneous(game, 4)
        draws = RecordedDraws(seed, [])
        x, z, masks = draws.data(4), draws.noise("D", 4), draws.masks("D", 4, 2 * M)
        g_d = grad(oracle_V)(theta_d, theta_g, x, z, masks) / 2
        fake = [mask[M:] for mask in masks]
        g_g = grad(oracle_loss_G)(theta_g, theta_d, z, fake, name)
        updates = updates_in(events)
        assert [event[:2] for event in updates] == [("ascend", "D"), ("descend", "G")]
        assert_close(updates[0][2], g_d)
        assert_close(updates[1][2], g_g)
        assert_close(game.player_d.theta.vector, theta_d + 0.1 * g_d)
        assert_close(game.player_g.theta.vector, theta_g - 0.1 * g_g)


def test_the_simultaneous_order_draws_once() -> None:
    game, events = make_game(2)
    loop.simultaneous(game, 7)
    assert without_gradients(events) == [
        ("noise", "D", 7),
        ("data", 7),
        ("masks", "D", 7, 2 * M),
        ("ascend", "D"),
        ("descend", "G"),
    ]


@pytest.mark.parametrize("k", [1, 2])
def test_a_G_step_of_pairs_compares_its_samples_with_the_last_minibatch(k: int) -> None:
    game, events = make_game(4, "relativistic", k=k, g_steps=2)
    logits = loop.algorithm1(game, 1)
    steps = [event for event in without_gradients(events) if event[0] in ("data", "masks")]
    assert steps[2 * k - 2 :] == [
        *(("data", 2 * k - 1), ("masks", "D", 2 * k - 1, 2 * M)),
        *(("masks", "G", 2, 2 * M), ("masks", "G", 3, 2 * M)),
    ]
    theta_d, draws = game.player_d.theta.vector, RecordedDraws(4, [])
    masks, x = draws.masks("G", 3, 2 * M), draws.data(2 * k - 1)
    real = [mask[:M] for mask in masks]
    assert_close(1 / (1 + np.exp(-logits.paired)), oracle_D(theta_d, x, real))
    assert not np.shares_memory(logits.real, game.trace_D.y)  # the pass of pairs has used it


@pytest.mark.parametrize("objective", ["non_saturating", "relativistic"])
@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_the_logits_are_those_of_the_passes_before_the_updates(order: Any, objective: str) -> None:
    game, _ = make_game(3, objective)
    theta_g, theta_d = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
    logits = order(game, 0)
    draws = RecordedDraws(3, [])
    masks, z = draws.masks("D", 0, 2 * M), draws.noise("D", 0)
    real, fake = ([mask[:M] for mask in masks], [mask[M:] for mask in masks])
    sigma = [1 / (1 + np.exp(-a)) for a in logits]
    assert_close(sigma[0], oracle_D(theta_d, draws.data(0), real))
    assert_close(sigma[1], oracle_D(theta_d, oracle_G(theta_g, z), fake))
    if order is loop.algorithm1:
        rows = 2 * M if objective == "relativistic" else M  # the last of them are of samples
        masks, z = draws.masks("G", 0, rows), draws.noise("G", 0)
        fake, theta_d = [mask[-M:] for mask in masks], game.player_d.theta.vector
    assert_close(sigma[2], oracle_D(theta_d, oracle_G(theta_g, z), fake))


class DrawsInPlace(RecordedDraws):
    """Draws that write each minibatch to `out` and return it."""

    def data(self, step: int, *, out: Any = None) -> Any:
        self.out = out
        out[...] = super().data(step)
        return out


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_the_draws_may_write_the_minibatch_into_the_batch(order: Any) -> None:
    draws = DrawsInPlace(7, [])
    game, in_place = make_game(7)[0], make_game(7, draws=draws)[0]
    order(game, 0)
    order(in_place, 0)
    assert draws.out is in_place.x
    np.testing.assert_array_equal(in_place.batch, game.batch)
    np.testing.assert_array_equal(in_place.player_d.theta.vector, game.player_d.theta.vector)


@pytest.mark.parametrize("layers", [(Linear(N, 0.7),), (Linear(N, 0.7), Sigmoid())])
def test_the_samples_of_a_G_whose_last_layer_returns_its_input_are_copied_into_the_batch(
    layers: Any,
) -> None:
    # G's pass has no masks, so its dropout returns its input.
    net, plain = Network(Z, (*layers, Dropout(0.5))), Network(Z, layers)
    theta = net.initial(0, "theta_g", np.float64)
    thetas = theta, D.initial(0, "theta_d", np.float64)
    players = [Momentum(each, Constant(0.1), Constant(0.5)) for each in thetas]
    draws = RecordedDraws(8, [])
    game = Game(net, D, *players, draws, objectives.OBJECTIVES["minimax"], M)
    x, z, masks = draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
    loop.pass_of_data_and_samples(game, x, z, masks)
    np.testing.assert_array_equal(game.batch[:M], x)
    np.testing.assert_array_equal(game.batch[M:], plain.forward(theta, z).y)


def test_the_update_orders_by_name() -> None:
    expected = {"algorithm1": loop.algorithm1, "simultaneous": loop.simultaneous}
    assert expected == loop.UPDATE_ORDERS


class EquilibriumDraws(RecordedDraws):
    """p_g = p_data: the data are the samples of the same noise, and both have the same masks."""

    def __init__(self, seed: int, theta_g: Parameters) -> None:
        super().__init__(seed, [])
        self.theta_g = theta_g

    def data(self, step: int, *, out: Any = None) -> Any:
        return G.forward(self.theta_g, self.noise("D", step)).y

    def masks(self, player: str, step: int, rows: int) -> list[Any]:
        half = super().masks(player, step, M)
        return half if rows == M else [np.concatenate([mask, mask]) for mask in half]


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_section_3_the_equilibrium_is_a_fixed_point_with_both_objectives_of_G(
    order: Any, name: str
) -> None:
    theta_g = G.initial(4, "theta_g", np.float64)
    game, events = make_game(4, name, draws=EquilibriumDraws(4, theta_g), k=2)
    for tensor in ("linear2.W", "linear2.b"):  # D(x) = 1/2 for every x; its other weights stay
        game.player_d.theta[tensor][...] = 0
    game.player_d.theta.changed()
    start = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
    for t in range(3):
        order(game, t)
    for _, _, g in updates_in(events):
        assert abs(g).max() <= 1e-15
    for player, vector in zip((game.player_g, game.player_d), start, strict=True):
        assert abs(player.theta.vector - vector).max() <= 1e-15
    # With other data the same D is not optimal: both players move.
    game, _ = make_game(4, name)
    game.player_d.theta.assign(start[1])
    order(game, 0)
    order(game, 1)
    for player, vector in zip((game.player_g, game.player_d), start, strict=True):
        assert abs(player.theta.vector - vector).max() > 1e-5


def test_where_data_equal_samples_and_D_is_one_half_Ds_gradient_is_zero() -> None:
    # Equal rows of data and samples cancel in the gradient of V.
    game, _ = make_game(4)
    game.player_d.theta.assign(np.zeros_like(game.player_d.theta.vector))
    z = RecordedDraws(4, []).noise("D", 0)
    x = G.forward(game.player_g.theta, z).y.copy()
    masks = [np.ones((2 * M, N), bool), np.ones((2 * M, 3), bool)]
    _, both = loop.pass_of_data_and_samples(game, x, z, masks)
    assert abs(loop.gradient_of_D(game, both).vector).max() <= 1e-16


def test_the_passes_of_both_steps_may_come_before_either_gradient() -> None:
    expected = []
    for early in (False, True):
        game, _ = make_game(6)
        draws = RecordedDraws(6, [])
        D_step = draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
        g, both = loop.pass_of_data_and_samples(game, *D_step)
        if early:
            loop.pass_of_samples(game, draws.noise("G", 0), draws.masks("G", 0, M))
        dtheta_d = loop.gradient_of_D(game, both).vector.copy()
        dtheta_g = loop.gradient_of_G(game, g, both.rows(M, 2 * M)).vector.copy()
        expected.append((dtheta_d, dtheta_g))
    for alone, after_both_passes in zip(*expected, strict=True):
        np.testing.assert_array_equal(alone, after_both_passes)


def record_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """The shapes of the W (for dx) or x (for dW) in all later calls of `linear.<name>`."""
    calls, function = [], getattr(linear, name)

    def recorded(dy: Any, other: Any, **options: Any) -> Any:
        calls.append(other.shape)
        return function(dy, other, **options)

    monkeypatch.setattr(linear, name, recorded)
    return calls


def test_no_gradient_is_computed_that_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    game, _ = make_game(5)
    draws = RecordedDraws(5, [])
    x, z, masks = draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
    g, both = loop.pass_of_data_and_samples(game, x, z, masks)
    inputs, params = (record_calls(monkeypatch, f"backward_{name}") for name in ("input", "params"))
    loop.gradient_of_D(game, both)
    assert inputs == [(3, 1)]  # dx of D's last layer; that of its first, (4, 6), is not needed
    assert params == [(2 * M, 3), (2 * M, N)]
    inputs.clear()
    params.clear()
    loop.gradient_of_G(game, g, both.rows(M, 2 * M))
    assert inputs == [(3, 1), (N, 6), (5, N)]  # through D, and through G down to its first layer
    assert params == [(M, 5), (M, Z)]  # of G only


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_an_iteration_uses_the_buffers_of_the_game(order: Any) -> None:
    game, _ = make_game(6, weight_of_V=0.5)
    logits = order(game, 0)
    fake = game.trace_D if order is loop.simultaneous else game.trace_D_of_samples
    traces = (game.trace_D, game.trace_D, fake, game.trace_D)
    for result, trace in zip(logits, traces, strict=True):
        assert np.shares_memory(result, trace.y)
    g = game.trace_G if order is loop.simultaneous else game.trace_G_step
    assert (game.trace_G.passes, game.trace_D.passes, g.passes) == (1, 1, 1)
    sigma = 1 / (1 + np.exp(-game.trace_D.y))
    np.testing.assert_allclose(game.da[:M], (1 - sigma[:M]) / M / 2, rtol=1e-12)
    np.testing.assert_allclose(game.da[M:], -sigma[M:] / M / 2, rtol=1e-12)
    for player, dtheta in ((game.player_d, game.dtheta_d), (game.player_g, game.dtheta_g)):
        v = 0.1 * dtheta.vector * (1 if player is game.player_d else -1)
        np.testing.assert_array_equal(player.v, v)


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_each_update_order_fits_on_a_screen(order: Any) -> None:
    assert len(inspect.getsource(order).splitlines()) <= 40


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_each_loss_and_each_gradient_is_checked_before_the_update_that_uses_it(order: Any) -> None:
    events: list[Any] = []
    game, _ = make_game(3, check=RecordedCheck(events))
    for player in (game.player_d, game.player_g):
        player.events = events  # one list for checks and updates
    logits = order(game, 0)
    checks = [event for event in events if event[0] in ("loss", "gradient")]
    names = [event[:2] for event in checks]
    assert names == [("loss", "V"), ("gradient", "D"), ("loss", "G's loss"), ("gradient", "G")]
    (_, _, V), (_, _, dtheta_d), (_, _, loss_g), (_, _, dtheta_g) = checks
    assert pytest.approx(float(objectives.value(logits.real, logits.fake)), rel=1e-12) == V
    assert loss_g == pytest.approx(float(game.objective.loss(logits.sample)), rel=1e-12)
    ascent, descent = updates_in(events)
    np.testing.assert_array_equal(ascent[2], dtheta_d)
    np.testing.assert_array_equal(descent[2], dtheta_g)
    both = ["loss", "gradient"]
    one_by_one = [*both, "ascend", *both, "descend"]
    expected = one_by_one if order is loop.algorithm1 else [*both, *both, "ascend", "descend"]
    assert [event[0] for event in events] == expected


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_a_gradient_that_is_not_finite_changes_no_parameter(order: Any) -> None:
    game, _ = make_game(3)
    game.player_d.theta["linear1.W"][0, 0] = np.nan
    before = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
    with pytest.raises(NotFiniteError, match=r"^V is nan$"):
        order(game, 0)
    for player, vector in zip((game.player_g, game.player_d), before, strict=True):
        np.testing.assert_array_equal(player.theta.vector, vector)


@pytest.mark.parametrize("order", UPDATE_ORDERS)
def test_with_a_penalty_D_follows_the_gradient_that_the_penalty_writes(order: Any) -> None:
    steps = []

    class Half:
        def backward(self, D: Any, both: Any, da: Any, step: int, *, out: Any) -> float:
            steps.append(step)
            D.backward(both, da, inputs=False, out=out)
            out.vector *= 0.5
            return 0.25

    games = [make_game(3)[0], make_game(3, penalty=Half())[0]]
    starts = [game.player_d.theta.vector.copy() for game in games]
    for game in games:
        order(game, 0)
    moves = [game.player_d.theta.vector - start for game, start in zip(games, starts, strict=True)]
    np.testing.assert_allclose(moves[1], 0.5 * moves[0], rtol=1e-9, atol=1e-15)
    assert (games[0].P, games[1].P, steps) == (None, 0.25, [0])
    order(games[1], 1)
    assert steps == [0, 1]


def test_a_penalty_that_is_not_finite_is_found_before_the_update() -> None:
    class Broken:
        def backward(self, D: Any, both: Any, da: Any, step: int, *, out: Any) -> float:
            out.vector[...] = 0
            return np.inf

    game, _ = make_game(0, penalty=Broken(), check=FiniteCheck())
    with pytest.raises(NotFiniteError, match="the penalty is inf"):
        loop.algorithm1(game, 0)
    assert game.player_d.updates == 0
