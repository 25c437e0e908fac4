"""Every penalised D step is checked before it is timed."""

from __future__ import annotations

from typing import Any

import pytest

from minigan.bench.checks import WrongResult
from minigan.bench.penalised import penalty_table
from minigan.bench.setting import mnist_2014
from minigan.objectives import penalties

TINY = mnist_2014("algorithm1", 3, 1 / 60)


def test_every_penalty_has_a_row_and_its_ratio_to_a_step_without_one() -> None:
    table = penalty_table(TINY, rounds=1, at_least=0)
    assert table.column("penalty") == ["none", "R1", "R2", "R1R2", "WGANGP", "R1R2, pairs"]
    medians, ratios = table.column("median"), table.column("/ no penalty")
    expected = [median / medians[0] for median in medians]  # type: ignore[operator]
    assert ratios == pytest.approx(expected)
    assert all(0 <= difference < 1e-3 for difference in table.column("max difference"))


def test_a_wrong_gradient_of_a_penalty_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = penalties.backward_minus_penalty

    def detached(D: Any, both: Any, d: Any, rows: Any, penalty: Any, *, out: Any) -> Any:
        def constant(g: Any) -> Any:
            return penalty(g)[0], 0 * g

        return computed(D, both, d, rows, constant, out=out)

    monkeypatch.setattr(penalties, "backward_minus_penalty", detached)
    with pytest.raises(WrongResult, match="a D step with penalty R1"):
        penalty_table(TINY, rounds=1, at_least=0)
