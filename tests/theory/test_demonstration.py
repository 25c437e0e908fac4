"""The trained D reaches D*, and an untrained D does not."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from minigan.theory import Statement, demonstration
from minigan.theory import critic as critics
from minigan.theory.demonstration import D, Trained


def test_the_densities_have_nine_points_and_64_rows() -> None:
    points = [[-2], [-1.5], [-1], [-0.5], [0], [0.5], [1], [1.5], [2]]
    np.testing.assert_array_equal(demonstration.POINTS, points)
    assert demonstration.DATA_ROWS.tolist() == [13, 10, 6, 2, 2, 2, 6, 10, 13]
    assert demonstration.SAMPLE_ROWS.tolist() == [1, 3, 5, 8, 11, 12, 11, 8, 5]
    assert demonstration.DATA_ROWS.sum() == demonstration.SAMPLE_ROWS.sum() == 64


def test_the_settings_are_those_of_the_docstring() -> None:
    names = ("STEPS", "ACCEPTED", "ACCEPTED_OF_TRAINING")
    assert [getattr(demonstration, name) for name in names] == [4000, 1e-8, 1e-4]
    assert D.widths == [1, 128, 32, 128, 32, 1]
    assert [layer.spread for layer in D.layers[::2]] == [2.0, 0.3, 0.1]  # type: ignore[attr-defined]


def logit(theta: Any, x: Any) -> Any:
    """D's logit by autograd's functions: two maxout layers of 32 units and 4 pieces."""
    for i in (1, 2):
        a = anp.dot(x, theta[f"linear{i}.W"]) + theta[f"linear{i}.b"]
        x = a[:, :32]
        for p in (1, 2, 3):  # not anp.max: at a tie, as at x = 0, autograd splits its gradient
            piece = a[:, 32 * p : 32 * (p + 1)]
            x = anp.where(x >= piece, x, piece)
    return anp.dot(x, theta["linear3.W"]) + theta["linear3.b"]


def value(theta: Any) -> Any:
    """V as an expectation over the nine points."""
    a = logit(theta, demonstration.POINTS)[:, 0]
    p_data, p_g = np.array(demonstration.DATA_ROWS) / 64, np.array(demonstration.SAMPLE_ROWS) / 64
    return anp.sum(-p_data * anp.log(1 + anp.exp(-a)) - p_g * anp.log(1 + anp.exp(a)))


@pytest.mark.parametrize("seed", [0, 5])
def test_two_steps_ascend_V_with_momentum(seed: int) -> None:
    theta = {name: t.copy() for name, t in D.initial(seed, "theta_d", np.float64).items()}
    v = {name: np.zeros_like(t) for name, t in theta.items()}
    for _ in range(2):
        g = grad(value)(theta)
        v = {name: 0.9 * v[name] + 0.1 * g[name] for name in v}
        theta = {name: theta[name] + v[name] for name in v}
    D_expected = 1 / (1 + np.exp(-logit(theta, demonstration.POINTS)[:, 0]))
    options = {"seed": seed} if seed else {}  # seed 0 is the default
    np.testing.assert_allclose(demonstration.train_D(2, **options).D, D_expected, rtol=1e-12)


def test_D_star_by_hand() -> None:
    expected = [13 / 14, 10 / 13, 6 / 11, 2 / 10, 2 / 13, 2 / 14, 6 / 17, 10 / 18, 13 / 18]
    np.testing.assert_allclose(demonstration.train_D(0).D_star, expected, rtol=1e-14)


def critic_of_V(V: float, W1: float = 1.0) -> critics.TrainedCritic:
    """A critic with this V."""
    return critics.TrainedCritic(critics.initial_critic(0), V, W1)


@pytest.mark.parametrize(
    ("of_training", "of_formulas", "of_critic", "passed"),
    [
        (2**-14, 2**-27, 2**-6, True),
        (2**-13, 2**-27, 2**-6, False),
        (2**-14, 2**-26, 2**-6, False),
        (2**-14, 2**-27, 2**-5, False),
    ],
)
def test_three_limits_decide_whether_the_table_passes(
    monkeypatch: pytest.MonkeyPatch,
    of_training: float,
    of_formulas: float,
    of_critic: float,
    passed: bool,
) -> None:
    D_star = np.array([0.25, 0.5, 0.75])
    trained = Trained(D_star - [0, of_training, 0], D_star)
    seeds: list[int] = []

    def critic_of(G: Any) -> critics.TrainedCritic:
        np.testing.assert_array_equal(G, critics.fixed_G())
        return critic_of_V(4 + 4 * of_critic, 4.0)

    def rows(seed: int) -> list[Statement]:
        seeds.append(seed)
        return [Statement("Eq. 4", "one", 1.0, 1.0), Statement("Eq. 5", "C", 1 + of_formulas, 1.0)]

    monkeypatch.setattr(demonstration, "train_D", lambda: trained)
    monkeypatch.setattr(demonstration, "train_critic", critic_of)
    monkeypatch.setattr(demonstration, "statements", rows)
    monkeypatch.setattr(demonstration, "ACCEPTED", 2**-27)
    monkeypatch.setattr(demonstration, "ACCEPTED_OF_TRAINING", 2**-14)
    monkeypatch.setattr(demonstration, "ACCEPTED_OF_CRITIC", 2**-6)
    table, found = demonstration.theory()
    assert found is passed
    assert demonstration.theory(7)[1] is passed
    assert seeds == [0, 7]
    _, first, second, last, critic = table.splitlines()
    assert first.startswith("Eq. 4 ")
    assert second.startswith("Eq. 5 ")
    assert last.startswith("Prop. 1, by training  D of maxout layers -> D*, worst point  ")
    number, expected, residual = last.split()[-3:]
    assert (number, expected) == (f"{0.5 - of_training:.10g}", "0.5")
    assert residual == f"{of_training:.1e}"
    assert critic.startswith("W1, by training       V of a critic, with WGAN-GP -> W1  ")
    assert critic.split()[-3:] == [f"{4 + 4 * of_critic:.10g}", "4", f"{4 * of_critic:.1e}"]


def test_the_result_of_the_training_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Trained(np.zeros(1), np.zeros(1)).D = np.ones(1)  # type: ignore[misc]


@pytest.fixture(scope="module")
def trained() -> demonstration.Trained:
    return demonstration.train_D()


def test_D_of_maxout_layers_reaches_p_data_over_p_data_plus_p_g(
    trained: demonstration.Trained,
) -> None:
    expected = [13 / 14, 10 / 13, 6 / 11, 2 / 10, 2 / 13, 2 / 14, 6 / 17, 10 / 18, 13 / 18]
    scale = demonstration.DATA_ROWS.sum() / demonstration.SAMPLE_ROWS.sum()
    assert scale == 1
    np.testing.assert_allclose(trained.D_star, expected, rtol=1e-14)
    assert abs(trained.D - trained.D_star).max() < demonstration.ACCEPTED_OF_TRAINING


def test_an_untrained_D_is_far_from_it() -> None:
    untrained = demonstration.train_D(steps=0)
    assert abs(untrained.D - untrained.D_star).max() > 0.1


def test_the_table_passes_and_fails_when_one_of_its_rows_fails(
    trained: demonstration.Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    untrained = demonstration.train_D(steps=0)
    monkeypatch.setattr(demonstration, "train_D", lambda: trained)
    critic = critic_of_V(1.019)  # 1.9 % from W1; a trained one is in test_critic
    monkeypatch.setattr(demonstration, "train_critic", lambda x: critic)
    table, passed = demonstration.theory(seed=3)
    assert passed
    for name in ("Prop. 1", "Eq. 2", "Eq. 4", "Thm 1", "Eq. 5", "Eq. 6", "Prop. 2", "by training"):
        assert name in table
    assert "W1, by training" in table
    assert "section 2" in table
    assert "section 3" in table
    monkeypatch.setattr(demonstration, "train_critic", lambda x: critic_of_V(0.979))
    assert not demonstration.theory(seed=3)[1]
    monkeypatch.setattr(demonstration, "train_critic", lambda x: critic)
    monkeypatch.setattr(demonstration, "train_D", lambda: untrained)
    assert not demonstration.theory(seed=3)[1]
