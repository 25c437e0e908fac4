"""Algorithm 1 and the simultaneous schedule: order, freshness, gradients, who moves when."""

from __future__ import annotations

import inspect
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from minigan import algorithm1 as loop
from minigan import finite, objectives
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


class Recorder:
    """`Draws` that writes down who asked for what, and answers from its own seed."""

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
    """Momentum that writes down each update, and what both players' parameters were before it."""

    def record(self, events: list[Any], name: str) -> None:
        self.events, self.name = events, name

    def ascend(self, g: Parameters) -> None:
        self.events.append(("ascend", self.name, g.vector.copy()))
        super().ascend(g)

    def descend(self, g: Parameters) -> None:
        self.events.append(("descend", self.name, g.vector.copy()))
        super().descend(g)


def play(seed: int, objective: str = "non_saturating", **options: Any) -> tuple[Game, list[Any]]:
    events: list[Any] = []
    players = [
        RecordedMomentum(net.initial(seed, name, np.float64), Constant(0.1), Constant(0.5))
        for net, name in ((G, "theta_g"), (D, "theta_d"))
    ]
    for player, name in zip(players, "GD", strict=True):
        player.record(events, name)
    chosen = objectives.OBJECTIVES[objective]
    return Game(G, D, *players, Recorder(seed, events), chosen, M, **options), events


def verbs(events: list[Any]) -> list[Any]:
    return [event[:2] if event[0] in ("ascend", "descend") else event for event in events]


# An independent copy of the game, differentiated by HIPS autograd ------------------------------


def oracle_G(theta: Any, z: Any) -> Any:
    W1, b1, W2, b2 = cut(theta, [(Z, 5), (5,), (5, N), (N,)])
    a = anp.dot(z, W1) + b1
    h = anp.where(a > 0, a, 0.0)  # written out: at a tie autograd's maximum splits the gradient
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


def close(a: Any, b: Any) -> None:
    assert abs(a - b).max() <= 1e-12 * abs(b).max()


# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 3])
def test_draws_and_updates_come_in_the_order_of_the_paper(k: int) -> None:
    game, events = play(0, k=k)
    for t in range(2):
        loop.algorithm1(game, t)
    expected: list[Any] = []
    for t in range(2):
        for step in range(t * k, (t + 1) * k):
            expected += [("noise", "D", step), ("data", step), ("masks", "D", step, 2 * M)]
            expected += [("ascend", "D")]
        expected += [("noise", "G", t), ("masks", "G", t, M), ("descend", "G")]
    assert verbs(events) == expected
    assert (game.player_d.updates, game.player_g.updates) == (2 * k, 2)


@pytest.mark.parametrize(("k", "g_steps"), [(1, 3), (2, 2)])
def test_each_of_several_G_steps_has_fresh_noise_and_masks(k: int, g_steps: int) -> None:
    game, events = play(0, k=k, g_steps=g_steps)
    for t in range(2):
        loop.algorithm1(game, t)
    expected: list[Any] = []
    for t in range(2):
        for step in range(t * k, (t + 1) * k):
            expected += [("noise", "D", step), ("data", step), ("masks", "D", step, 2 * M)]
            expected += [("ascend", "D")]
        for step in range(t * g_steps, (t + 1) * g_steps):
            expected += [("noise", "G", step), ("masks", "G", step, M), ("descend", "G")]
    assert verbs(events) == expected
    assert (game.player_d.updates, game.player_g.updates) == (2 * k, 2 * g_steps)


def test_each_of_several_G_steps_goes_on_from_the_last_against_the_same_D() -> None:
    game, events = play(5, g_steps=3)
    theta_g, v_g = game.player_g.theta.vector.copy(), 0.0
    logits = loop.algorithm1(game, 0)
    theta_d, draws = game.player_d.theta.vector, Recorder(5, [])
    updates = [event for event in events if event[0] == "descend"]
    for step in range(3):
        z, masks = draws.noise("G", step), draws.masks("G", step, M)
        a = oracle_D(theta_d, oracle_G(theta_g, z), masks)
        g = grad(oracle_loss_G)(theta_g, theta_d, z, masks, "non_saturating")
        close(updates[step][2], g)
        v_g = 0.5 * v_g - 0.1 * g
        theta_g = theta_g + v_g
    close(game.player_g.theta.vector, theta_g)
    close(1 / (1 + np.exp(-logits.sample)), a)  # of the last of them


def test_the_D_step_leaves_theta_g_untouched_and_the_G_step_theta_d(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    game, _ = play(1, k=2)
    seen: list[tuple[str, bool, bool]] = []
    before = {
        "theta_g": game.player_g.theta.vector.copy(),
        "theta_d": game.player_d.theta.vector.copy(),
    }

    def watch(name: str, verb: str, player: Momentum) -> None:
        update = getattr(player, verb)

        def watched(g: Parameters) -> None:
            update(g)
            moved_g = bool((game.player_g.theta.vector != before["theta_g"]).any())
            moved_d = bool((game.player_d.theta.vector != before["theta_d"]).any())
            seen.append((name, moved_g, moved_d))
            before["theta_g"], before["theta_d"] = (
                game.player_g.theta.vector.copy(),
                game.player_d.theta.vector.copy(),
            )

        monkeypatch.setattr(player, verb, watched)

    watch("D", "ascend", game.player_d)
    watch("G", "descend", game.player_g)
    loop.algorithm1(game, 0)
    assert seen == [("D", False, True), ("D", False, True), ("G", True, False)]


@given(seed=SEEDS, k=st.integers(1, 3), weight=st.sampled_from([1.0, 0.5]))
def test_each_update_of_algorithm_1_follows_the_gradient_that_autograd_finds(
    seed: int, k: int, weight: float
) -> None:
    for name in ("minimax", "non_saturating"):
        game, events = play(seed, name, k=k, weight_of_V=weight)
        theta_g = game.player_g.theta.vector.copy()
        theta_d, v_d = game.player_d.theta.vector.copy(), 0.0
        loop.algorithm1(game, 0)
        draws = Recorder(seed, [])
        updates = [event for event in events if event[0] in ("ascend", "descend")]
        for step in range(k):
            masks = draws.masks("D", step, 2 * M)
            g = weight * grad(oracle_V)(
                theta_d, theta_g, draws.data(step), draws.noise("D", step), masks
            )
            close(updates[step][2], g)
            v_d = 0.5 * v_d + 0.1 * g
            theta_d = theta_d + v_d
        close(game.player_d.theta.vector, theta_d)
        z, masks = draws.noise("G", 0), draws.masks("G", 0, M)
        g = grad(oracle_loss_G)(theta_g, theta_d, z, masks, name)
        close(updates[k][2], g)
        close(game.player_g.theta.vector, theta_g - 0.1 * g)


@given(seed=SEEDS)
def test_the_simultaneous_schedule_takes_both_gradients_at_the_same_parameters(seed: int) -> None:
    for name in ("minimax", "non_saturating"):
        game, events = play(seed, name, weight_of_V=0.5)
        theta_g, theta_d = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
        loop.simultaneous(game, 4)
        draws = Recorder(seed, [])
        x, z, masks = draws.data(4), draws.noise("D", 4), draws.masks("D", 4, 2 * M)
        g_d = grad(oracle_V)(theta_d, theta_g, x, z, masks) / 2
        fake = [mask[M:] for mask in masks]
        g_g = grad(oracle_loss_G)(theta_g, theta_d, z, fake, name)
        updates = [event for event in events if event[0] in ("ascend", "descend")]
        assert [event[:2] for event in updates] == [("ascend", "D"), ("descend", "G")]
        close(updates[0][2], g_d)
        close(updates[1][2], g_g)
        close(game.player_d.theta.vector, theta_d + 0.1 * g_d)
        close(game.player_g.theta.vector, theta_g - 0.1 * g_g)


def test_the_simultaneous_schedule_draws_once() -> None:
    game, events = play(2)
    loop.simultaneous(game, 7)
    assert verbs(events) == [
        ("noise", "D", 7),
        ("data", 7),
        ("masks", "D", 7, 2 * M),
        ("ascend", "D"),
        ("descend", "G"),
    ]


@pytest.mark.parametrize("schedule", [loop.algorithm1, loop.simultaneous])
def test_the_logits_are_those_of_the_passes_before_the_updates(schedule: Any) -> None:
    game, _ = play(3)
    theta_g, theta_d = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
    logits = schedule(game, 0)
    draws = Recorder(3, [])
    masks, z = draws.masks("D", 0, 2 * M), draws.noise("D", 0)
    real, fake = ([mask[:M] for mask in masks], [mask[M:] for mask in masks])
    sigma = [1 / (1 + np.exp(-a)) for a in logits]
    close(sigma[0], oracle_D(theta_d, draws.data(0), real))
    close(sigma[1], oracle_D(theta_d, oracle_G(theta_g, z), fake))
    if schedule is loop.algorithm1:
        z, fake, theta_d = draws.noise("G", 0), draws.masks("G", 0, M), game.player_d.theta.vector
    close(sigma[2], oracle_D(theta_d, oracle_G(theta_g, z), fake))


def test_a_perfect_copy_of_the_data_is_a_fixed_point_of_Ds_mean_gradient() -> None:
    # Where p_g = p_data and D = 1/2, V has zero gradient: equal real and fake rows cancel.
    game, _ = play(4)
    game.player_d.theta.assign(np.zeros_like(game.player_d.theta.vector))
    z = Recorder(4, []).noise("D", 0)
    x = G.forward(game.player_g.theta, z).y.copy()
    masks = [np.ones((2 * M, N), bool), np.ones((2 * M, 3), bool)]
    _, both = loop.pass_of_data_and_samples(game, x, z, masks)
    assert abs(loop.gradient_of_D(game, both).vector).max() <= 1e-16


def test_the_passes_of_both_steps_may_be_made_before_either_gradient_is_taken() -> None:
    expected = []
    for early in (False, True):
        game, _ = play(6)
        draws = Recorder(6, [])
        D_step = draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
        g, both = loop.pass_of_data_and_samples(game, *D_step)
        if early:
            loop.pass_of_samples(game, draws.noise("G", 0), draws.masks("G", 0, M))
        dtheta_d = loop.gradient_of_D(game, both).vector.copy()
        dtheta_g = loop.gradient_of_G(game, g, both.rows(M, 2 * M)).vector.copy()
        expected.append((dtheta_d, dtheta_g))
    for alone, early_too in zip(*expected, strict=True):
        np.testing.assert_array_equal(alone, early_too)


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """The matrices W (for dx) or x (for dW) that `linear.<name>` is called with from now on."""
    calls, function = [], getattr(linear, name)

    def counted(dy: Any, other: Any, **options: Any) -> Any:
        calls.append(other.shape)
        return function(dy, other, **options)

    monkeypatch.setattr(linear, name, counted)
    return calls


def test_no_gradient_is_computed_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    game, _ = play(5)
    draws = Recorder(5, [])
    x, z, masks = draws.data(0), draws.noise("D", 0), draws.masks("D", 0, 2 * M)
    g, both = loop.pass_of_data_and_samples(game, x, z, masks)
    inputs, params = (count_calls(monkeypatch, f"backward_{name}") for name in ("input", "params"))
    loop.gradient_of_D(game, both)
    assert inputs == [(3, 1)]  # dx of D's last layer; that of its first, (4, 6), nobody needs
    assert params == [(2 * M, 3), (2 * M, N)]
    inputs.clear()
    params.clear()
    loop.gradient_of_G(game, g, both.rows(M, 2 * M))
    assert inputs == [(3, 1), (N, 6), (5, N)]  # down through D, and through G to its first layer
    assert params == [(M, 5), (M, Z)]  # those of G alone


@pytest.mark.parametrize("schedule", [loop.algorithm1, loop.simultaneous])
def test_an_iteration_works_in_the_buffers_of_the_game(schedule: Any) -> None:
    game, _ = play(6, weight_of_V=0.5)
    logits = schedule(game, 0)
    fake = game.trace_D if schedule is loop.simultaneous else game.trace_D_of_samples
    for result, trace in zip(logits, (game.trace_D, game.trace_D, fake), strict=True):
        assert np.shares_memory(result, trace.y)
    g = game.trace_G if schedule is loop.simultaneous else game.trace_G_step
    assert (game.trace_G.passes, game.trace_D.passes, g.passes) == (1, 1, 1)
    sigma = 1 / (1 + np.exp(-game.trace_D.y))
    np.testing.assert_allclose(game.da[:M], (1 - sigma[:M]) / M / 2, rtol=1e-12)
    np.testing.assert_allclose(game.da[M:], -sigma[M:] / M / 2, rtol=1e-12)
    for player, dtheta in ((game.player_d, game.dtheta_d), (game.player_g, game.dtheta_g)):
        v = 0.1 * dtheta.vector * (1 if player is game.player_d else -1)
        np.testing.assert_array_equal(player.v, v)


@pytest.mark.parametrize("schedule", [loop.algorithm1, loop.simultaneous])
def test_each_schedule_fits_on_a_screen(schedule: Any) -> None:
    assert len(inspect.getsource(schedule).splitlines()) <= 40


@pytest.mark.parametrize("step", [loop.algorithm1, loop.simultaneous])
def test_each_loss_and_each_gradient_is_asked_for_before_the_update_that_it_leads_to(
    monkeypatch: pytest.MonkeyPatch, step: Any
) -> None:
    game, events = play(3)
    asked: list[Any] = []

    def loss(name: str, value: Any) -> None:
        events.append("loss")
        asked.append((name, float(value)))

    def gradient(player: str, g: Parameters) -> Parameters:
        events.append("gradient")
        asked.append((player, g.vector.copy()))
        return g

    monkeypatch.setattr(finite, "loss", loss)
    monkeypatch.setattr(finite, "gradient", gradient)
    del events[:]
    logits = step(game, 0)
    (_, V), (d, dtheta_d), (_, loss_g), (g, dtheta_g) = asked
    assert ([name for name, _ in asked], d, g) == (["V", "D", "G's loss", "G"], "D", "G")
    assert pytest.approx(float(objectives.value(logits.real, logits.fake)), rel=1e-12) == V
    assert loss_g == pytest.approx(float(game.objective.loss(logits.sample)), rel=1e-12)
    updates = [event for event in events if event[0] in ("ascend", "descend")]
    np.testing.assert_array_equal(updates[0][2], dtheta_d)
    np.testing.assert_array_equal(updates[1][2], dtheta_g)
    order = [event if isinstance(event, str) else event[0] for event in events]
    order = [word for word in order if word in ("loss", "gradient", "ascend", "descend")]
    both = ["loss", "gradient"]
    alone = [*both, "ascend", *both, "descend"]
    assert order == (alone if step is loop.algorithm1 else [*both, *both, "ascend", "descend"])


@pytest.mark.parametrize("step", [loop.algorithm1, loop.simultaneous])
def test_a_gradient_that_is_not_finite_reaches_no_parameter(step: Any) -> None:
    game, _ = play(3)
    game.player_d.theta["linear1.W"][0, 0] = np.nan
    before = game.player_g.theta.vector.copy(), game.player_d.theta.vector.copy()
    with pytest.raises(finite.NotFiniteError, match=r"^V is nan$"):
        step(game, 0)
    for player, vector in zip((game.player_g, game.player_d), before, strict=True):
        np.testing.assert_array_equal(player.theta.vector, vector)
