"""Every built-in layer and objective is checked, in each input and parameter, at no kink."""

from __future__ import annotations

from typing import Any

import pytest

from minigan.gradcheck import Row
from minigan.layers import Addition, Composite, convolution, deconvolution, max_pooling
from minigan.selfcheck import built_in
from minigan.selfcheck.functions import N, check_network_layer

OBJECTIVE_NAMES = (
    *("minimax", "non-saturating", "maximum-likelihood", "least-squares", "wasserstein"),
    *("relativistic", "margin"),
)
KINDS = ("linear", "relu", "sigmoid", "maxout", "dropout")
IMAGE_KINDS = {"channelmaxout": 6, "convolution": 16, "maxpooling": 24, "deconvolution": 6}


@pytest.fixture(scope="module")
def layer_rows() -> tuple[Row, ...]:
    return built_in.check_layers()


def test_each_layer_is_checked_in_all_its_inputs_and_parameters(layer_rows: Any) -> None:
    rows = {row.name: row.shape for row in layer_rows}
    assert rows == {
        "linear: x": (3, 6),
        "linear: W": (6, 4),
        "linear: b": (4,),
        "relu: x": (3, 6),
        "sigmoid: x": (3, 6),
        "maxout: x": (3, 6),
        "dropout: x": (3, 6),
        "composite: x": (3, 6),
        "addition: x": (3, 6),
        "channelmaxout: x": (3, 6),
        "convolution: x": (3, 16),
        "convolution: W": (3, 3, 2, 2),
        "convolution: b": (2,),
        "maxpooling: x": (3, 24),
        "deconvolution: x": (3, 6),
        "deconvolution: W": (3, 3, 2, 1),
        "deconvolution: b": (16,),
        "parallel: x": (3, 7),
        "parallel: W_1": (4, 2),
        "parallel: b_1": (2,),
        "parallel, tangent: q": (3, 7),
        "parallel, curvature: x": (3, 7),
        **{f"{kind}, tangent: q": (3, 6) for kind in KINDS},
        **{f"{kind}, curvature: x": (3, 6) for kind in KINDS},
        **{f"{kind}, tangent: q": (3, n) for kind, n in IMAGE_KINDS.items()},
        **{f"{kind}, curvature: x": (3, n) for kind, n in IMAGE_KINDS.items()},
    }


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        (convolution, "backward_params", {"convolution: W", "convolution: b"}),
        (convolution, "backward_input", {"convolution: x"}),
        (max_pooling, "backward_input", {"maxpooling: x"}),
        (deconvolution, "backward_params", {"deconvolution: W", "deconvolution: b"}),
        (deconvolution, "backward_input", {"deconvolution: x"}),
        (Composite, "backward_input", {"composite: x"}),
        (Addition, "backward_input", {"addition: x"}),
    ],
)
def test_a_wrong_sign_in_a_layer_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, expected: set[str]
) -> None:
    right = getattr(module, name)

    def negated(*arguments: Any, **options: Any) -> Any:
        result = right(*arguments, **options)
        for array in result if isinstance(result, tuple) else (result,):
            array *= -1
        return result

    monkeypatch.setattr(module, name, negated)
    home = getattr(module, "__module__", module.__name__)
    layers = (*built_in.IMAGE_LAYERS, *((one, N) for one in built_in.ENDS_OF_G))
    chosen = [one for one in layers if type(one[0]).__module__ == home]
    checked = [check_network_layer(*one) for one in chosen]
    failed = {row.name for report in checked for row in report.rows if row.verdict != "pass"}
    assert failed >= expected


def test_each_objective_is_checked_in_its_logits() -> None:
    names = [row.name for row in built_in.check_objectives()]
    assert names == [
        f"{name}{logits}"
        for name in OBJECTIVE_NAMES
        for logits in (", V: a_real", ", V: a_fake", ": a_fake")
    ]


def test_no_check_is_at_a_kink(layer_rows: Any) -> None:
    rows = (*layer_rows, *built_in.check_objectives())
    assert {row.verdict for row in rows} == {"pass"}
