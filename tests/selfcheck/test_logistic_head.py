"""The check of the logistic head has a row for W and for b, and finds a planted bug."""

from __future__ import annotations

import pytest

from minigan.evaluation import logistic_head as head
from minigan.selfcheck import logistic_head


def test_W_and_b_are_checked() -> None:
    rows = logistic_head.check_logistic_head()
    assert [row.name for row in rows] == ["logistic head: W", "logistic head: b"]
    assert {row.verdict for row in rows} == {"pass"}
    assert {row.method for row in rows} == {"complex step"}
    assert all(row.numeric for row in rows)


def test_a_gradient_without_the_decay_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = logistic_head.head_loss_gradient
    monkeypatch.setattr(
        logistic_head, "head_loss_gradient", lambda x, a, y, W, decay: right(x, a, y, W, 0.0)
    )
    failed = [row.name for row in logistic_head.check_logistic_head() if not row.passed]
    assert failed == ["logistic head: W"]


def test_a_gradient_of_the_logits_with_a_wrong_factor_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = head.cross_entropy_gradient
    monkeypatch.setattr(head, "cross_entropy_gradient", lambda a, y: 2 * right(a, y))
    assert not any(row.passed for row in logistic_head.check_logistic_head())
