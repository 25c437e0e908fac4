"""The trained D reaches D*, and an untrained D does not."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.theory import critic as critics
from minigan.theory import demonstration


def critic_of_V(V: float) -> critics.TrainedCritic:
    """A critic with this V, where W1 is 1."""
    return critics.TrainedCritic(critics.initial_critic(0), V, 1.0)


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
