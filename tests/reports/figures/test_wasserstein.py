"""The figure of JSD and W1 shows the G of Figure 1, the critics that it trains, and both losses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from minigan.errors import UserError
from minigan.reports.figures import line_game, wasserstein
from minigan.theory import critic, jsd


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> Callable[..., critic.TrainedCritic]:
    """Critics without training, which is tested in tests/theory/test_critic.py."""
    at_once = partial(critic.train_critic, lambdas=())
    monkeypatch.setattr(wasserstein, "train_critic", at_once)
    return at_once


def test_the_states_are_the_start_and_the_first_small_JSD_of_figure_1() -> None:
    first, near = wasserstein.states(0)
    assert (first.t, near.t) == (0, 9)  # panel (a) of Figure 1, docs/figures.md
    assert near.jsd < 0.1 < first.jsd


def test_the_critic_is_trained_for_the_G_of_the_state(
    untrained: Callable[..., critic.TrainedCritic],
) -> None:
    at, _ = wasserstein.states(0)
    one = wasserstein.with_critic(at, seed=4)
    assert one.critic.theta.vector.tolist() == critic.initial_critic(4).vector.tolist()
    # W1 is the distance of the means where all samples are to the left of all data
    middles = line_game.MIDDLES
    assert pytest.approx(middles @ (at.p_data - at.p_g), rel=2e-3) == one.critic.W1
    assert one.to_json() == {
        "iteration": 0,
        "jsd": jsd(at.p_data, at.p_g),
        "W1": one.critic.W1,
        "V": one.critic.V,
        "excess": one.critic.V / one.critic.W1 - 1,
    }


def test_the_figure_is_written_and_its_lines_have_the_numbers(
    tmp_path: Path, untrained: Callable[..., critic.TrainedCritic]
) -> None:
    result = wasserstein.draw(tmp_path / "a.png", 0)
    with Image.open(tmp_path / "a.png") as picture:
        assert np.asarray(picture).std() > 10
    b, c = result.to_json()["b"], result.to_json()["c"]
    assert (b["iteration"], c["iteration"]) == (0, 9)
    assert str(result).splitlines() == [
        "(a) two point masses: JSD = log 2 with slope 0, W1 = |theta|",
        f"(b) iteration 0: JSD {b['jsd']:.4f} nats, W1 {b['W1']:.4f}; V of the critic "
        f"{b['V']:.4f} ({100 * (b['V'] / b['W1'] - 1):+.1f} %)",
        f"(c) iteration 9: JSD {c['jsd']:.4f} nats, W1 {c['W1']:.4f}; V of the critic "
        f"{c['V']:.4f} ({100 * (c['V'] / c['W1'] - 1):+.1f} %)",
    ]


def test_the_first_panel_has_both_losses_over_theta() -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    wasserstein._draw_losses(axes)
    left, right, at_0, w1 = (line.get_xydata() for line in axes.lines)
    np.testing.assert_allclose(w1[:, 1], abs(w1[:, 0]))
    np.testing.assert_allclose(np.concatenate([left, right])[:, 1], np.log(2))
    assert at_0.tolist() == [[0, 0]]
    assert left[:, 0].max() < 0 < right[:, 0].min()


def test_a_wrong_file_is_refused_before_the_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="must end in"):
        wasserstein.draw(tmp_path / "a.txt", 0)
