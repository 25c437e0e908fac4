"""The check of inference has a row for every tensor, and finds a planted bug."""

from __future__ import annotations

import pytest

from minigan.selfcheck import inference


def test_every_tensor_of_E_and_z_is_checked() -> None:
    rows = inference.check_inference()
    tensors = ("linear1.W", "linear1.b", "linear2.W", "linear2.b")
    losses = [f"{loss}: {one}" for loss in ("loss of E", "reconstruction by E") for one in tensors]
    assert [row.name for row in rows] == [*losses, "residual: z"]
    assert {row.verdict for row in rows} == {"pass"}
    assert {row.method for row in rows} == {"complex step"}
    assert all(row.numeric for row in rows)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("residual_gradient", {"residual: z"}),
        ("prediction_error_gradient", {"loss of E"}),
        ("reconstruction_gradient", {"reconstruction by E"}),
    ],
)
def test_a_factor_that_is_wrong_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, expected: set[str]
) -> None:
    right = getattr(inference, name)
    monkeypatch.setattr(inference, name, lambda *arguments: right(*arguments) / 2)
    failed = {row.name for row in inference.check_inference() if not row.passed}
    assert {one.split(": linear")[0] for one in failed} == expected
