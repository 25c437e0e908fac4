"""J J^T alpha by two passes: against the closed form, numerical Jacobians, and a wrong tangent."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import draws
from minigan.layers import ChannelMaxout, Convolution, Linear, Maxout, ReLU, Sigmoid, Windows
from minigan.network import Network
from minigan.theory.table2 import jacobian_sampler as module


def test_the_step_of_one_layer_of_sigmoids_is_the_closed_form() -> None:
    f = Network(5, (Linear(3, 1.0), Sigmoid()))
    theta = f.initial(0, "f", np.float64)
    rng = draws.generator(0, "x", 0)
    x, alpha = rng.random((4, 5)), rng.standard_normal((4, 3))
    W = theta["linear1.W"]
    h = 1 / (1 + np.exp(-x @ W))
    s = h * (1 - h)
    expected = [(W.T @ W * np.outer(one, one)) @ a for one, a in zip(s, alpha, strict=True)]
    for function in (module.jacobian_step, module.jacobian_step_by_columns):
        np.testing.assert_allclose(function(f, theta, x, alpha), expected, rtol=1e-12)


def test_each_row_of_x_needs_its_own_alpha() -> None:
    f = Network(2, (Linear(3, 1.0),))
    theta = f.initial(0, "f", np.float64)
    with pytest.raises(ValueError, match="shorter"):
        module.jacobian_step_by_columns(f, theta, np.zeros((2, 2)), np.zeros((1, 3)))


@pytest.mark.parametrize("name", module.encoders())
def test_two_passes_give_the_step_of_every_encoder(name: str) -> None:
    assert module.worst_error(name, 0) < 1e-14
    f = module.encoders()[name]
    theta = f.initial(0, "f", np.float64)
    rng = draws.generator(0, "x", 0)
    x, alpha = rng.random((1, 16)), rng.standard_normal((1, f.outputs))
    ends = [
        (f.forward(theta, x + step).y - f.forward(theta, x - step).y)[0] / 2e-6
        for step in 1e-6 * np.eye(16)
    ]
    J = np.array(ends).T  # by central differences
    np.testing.assert_allclose(
        module.jacobian_step(f, theta, x, alpha)[0], J @ J.T @ alpha[0], atol=1e-7
    )


def test_the_encoders_have_these_layers() -> None:
    first, windows = Linear(8, 0.6), Windows(4, 4, 3)
    assert module.encoders() == {
        "sigmoid": Network(16, (first, Sigmoid())),
        "ReLU": Network(16, (first, ReLU())),
        "maxout": Network(16, (Linear(15, 0.6), Maxout(5, 3))),
        "two layers": Network(16, (first, ReLU(), Linear(6, 0.6), Sigmoid())),
        "convolution": Network(16, (Convolution(windows, 4, 0.6), ChannelMaxout(2, 2), Sigmoid())),
    }


@pytest.mark.parametrize("rows", [4, 2])
def test_the_error_is_relative_to_the_largest_number(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    f = Network(16, (Linear(8, 0.6), ReLU()))
    W = f.initial(5, "table 2/ReLU", np.float64)["linear1.W"]
    rng = draws.generator(5, "table 2/encoder/ReLU", 0)
    x, alpha = rng.random((rows, 16)), rng.standard_normal((rows, 8))
    s = x @ W > 0
    right = s * (((s * alpha) @ W.T) @ W)
    monkeypatch.setattr(module, "jacobian_step", lambda f, theta, x, alpha: 0.5 * alpha + 1)
    found = module.worst_error("ReLU", 5, **({} if rows == 4 else {"rows": rows}))
    assert found == pytest.approx(abs(0.5 * alpha + 1 - right).max() / abs(right).max(), rel=1e-12)


def test_a_layer_with_a_wrong_tangent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sigmoid, "tangent", lambda self, theta, trace, q: q)
    assert module.worst_error("sigmoid", 0) > 0.1
