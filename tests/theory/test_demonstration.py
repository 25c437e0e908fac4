"""The trained D reaches D*, and an untrained D does not."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.theory import demonstration


def test_D_of_maxout_layers_reaches_p_data_over_p_data_plus_p_g() -> None:
    trained = demonstration.train_D()
    expected = [13 / 14, 10 / 13, 6 / 11, 2 / 10, 2 / 13, 2 / 14, 6 / 17, 10 / 18, 13 / 18]
    scale = demonstration.DATA_ROWS.sum() / demonstration.SAMPLE_ROWS.sum()
    assert scale == 1
    np.testing.assert_allclose(trained.D_star, expected, rtol=1e-14)
    assert abs(trained.D - trained.D_star).max() < demonstration.ACCEPTED_OF_TRAINING


def test_an_untrained_D_is_far_from_it() -> None:
    trained = demonstration.train_D(steps=0)
    assert abs(trained.D - trained.D_star).max() > 0.1


def test_the_table_passes_and_fails_when_one_of_its_rows_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, passed = demonstration.theory(seed=3)
    assert passed
    for name in ("Prop. 1", "Eq. 2", "Eq. 4", "Thm 1", "Eq. 5", "Eq. 6", "Prop. 2", "by training"):
        assert name in table
    assert "section 2" in table
    assert "section 3" in table
    untrained = demonstration.train_D(steps=0)
    monkeypatch.setattr(demonstration, "train_D", lambda: untrained)
    assert not demonstration.theory(seed=3)[1]
