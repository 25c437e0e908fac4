"""The check of the penalties has a row for every tensor, and finds a planted bug."""

from __future__ import annotations

import pytest

from minigan.layers import linear
from minigan.objectives.penalties import R1
from minigan.selfcheck import second_order


def test_each_penalty_is_checked_in_every_tensor_and_none_at_a_kink() -> None:
    rows = second_order.check_penalties()
    titles = ("maxout critic, R1R2", "maxout critic, WGANGP", "smooth critic, R1")
    tensors = ("linear1.W", "linear1.b", "linear2.W", "linear2.b")
    names = [f"{title}: {one}" for title in titles for one in tensors]
    kinds = ("convolution1", "deconvolution1", "linear1")
    names += [f"image critic, R1: {kind}.{one}" for kind in kinds for one in "Wb"]
    assert [row.name for row in rows] == names
    assert {row.verdict for row in rows} == {"pass"}
    assert {row.method for row in rows} == {"complex step"}


def test_a_tangent_pass_with_the_bias_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "tangent", lambda q, W: q @ W + 0.1)
    rows = second_order.check_penalty("P", R1(3.0), second_order.MAXOUT)
    assert {row.name for row in rows if not row.passed} == {"P: linear2.W"}
