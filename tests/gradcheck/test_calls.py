"""The forms of forward and backward, and which gradient belongs to which input."""

from dataclasses import dataclass

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError, check
from minigan.gradcheck.calls import NotComparableError, function_pair

X, LABELS, W = np.array([1.0, 2.0]), np.array([0, 1]), np.array([3.0, 4.0])
DX, DW = np.array([3.0, -4.0]), np.array([1.0, -2.0])


def times(x, labels, w):
    return x * w


def gradients(result, constant=()):
    pair, _ = function_pair(times, None, (X, LABELS, W), {}, None, False, constant)
    return pair.gradients(result)


@pytest.mark.parametrize(
    "result",
    [
        (DX, DW),
        [DX, DW],
        (DX, None, DW),
        {"x": DX, "w": DW},
        {"w": DW, "x": DX, "labels": None},
        {"dw": DW, "dx": DX},
        (DX, {"w": DW}),
        [DX, {"dw": DW}],
    ],
)
def test_gradients_belong_to_the_inputs_by_order_or_by_name(result):
    found = gradients(result)
    assert found[0] is DX
    assert found[1] is None
    assert found[2] is DW


def test_inputs_without_a_gradient_may_be_left_out_if_they_are_named():
    assert gradients(DW, ["x"]) == [None, None, DW]
    assert gradients((None, DW), ["x"])[2] is DW
    assert gradients({"w": DW}) == [None, None, DW]
    assert gradients(None) == [None] * 3
    with pytest.raises(NotComparableError, match=r"1 gradient for 2 .*constant=\[\.\.\.\] names"):
        gradients(DX)
    with pytest.raises(NotComparableError, match=r"4 gradients for 2 floating inputs \(x, w\)"):
        gradients((DX,) * 4)
    with pytest.raises(NotComparableError, match="1 gradient for 2"):
        gradients({"x": DX, "v": DW})
    with pytest.raises(NotComparableError, match="the gradient of w is a dict of 2 items"):
        gradients((DX, {"x": DX, "v": DW}))
    with pytest.raises(NotComparableError, match="the gradient of w is a dict of 2 items"):
        gradients((DX, {"w": DW, "dw": DW}))


def test_a_single_nested_input_may_have_a_bare_gradient():
    def forward(params):
        return params["W"] @ params["b"]

    def backward(dy, params):
        return {"b": params["W"].T @ dy, "W": np.outer(dy, params["b"])}

    params = {"W": np.ones((2, 3)), "b": np.arange(3.0)}
    report = check(forward, backward, params)
    assert report, str(report)
    assert [row.name for row in report.rows] == ["params['W']", "params['b']"]
    assert check(forward, lambda dy, params: (backward(dy, params),), params)
    wrong = check(forward, lambda dy, params: backward(dy, params) | {"W": params["W"]}, params)
    assert [row.verdict for row in wrong.rows] == ["FAIL", "pass"]


def test_a_bare_list_is_the_gradient_of_a_single_list():
    def forward(xs):
        return [2 * x for x in xs]

    xs = [np.ones(2), np.ones(3)]
    assert check(forward, lambda dy, xs: forward(dy), xs)
    assert not check(forward, lambda dy, xs: list(dy), xs)


def test_outputs_are_not_spread_where_a_keyword_takes_the_place():
    def forward(x, w):
        return x * w, x**2

    def backward(dy, x, w):
        return dy[0] * w + 2 * x * dy[1], dy[0] * x

    report = check(forward, backward, X, kwargs={"w": W})
    assert report, str(report)


def test_lists_tuples_and_dataclasses_are_inputs_and_outputs():
    @dataclass
    class Layer:
        W: np.ndarray
        b: np.ndarray

    def forward(xs, layer):
        return {"y": [x @ layer.W for x in xs], "b": layer.b**2}

    def backward(dy, xs, layer):
        dW = sum(np.outer(x, d) for x, d in zip(xs, dy["y"], strict=True))
        return [d @ layer.W.T for d in dy["y"]], Layer(dW, 2 * layer.b * dy["b"])

    xs, layer = (np.array([1.0, 2.0]), np.array([3.0, 5.0])), Layer(np.ones((2, 3)), np.ones(4))
    report = check(forward, backward, xs, layer)
    assert report, str(report)
    assert [row.name for row in report.rows] == ["xs[0]", "xs[1]", "layer.W", "layer.b"]
    text = check(forward, lambda *v: (backward(*v)[0][:1], None), xs, layer).rows[0].diagnosis
    assert "the gradient of xs has 1 items, xs has 2" in text


def affine(x, w, b):
    return x @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


INPUTS = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[3.0], [4.0]]), np.ones(1)


def test_a_cache_is_recognised_by_its_name_or_by_the_option():
    assert check(affine, affine_backward, *INPUTS)
    assert check(affine, lambda d, kept: affine_backward(d, kept), *INPUTS, cache=True)
    report = check(
        affine, lambda d, cache: (affine_backward(d, cache)[0], 0 * cache[1], 0 * cache[2]), *INPUTS
    )
    assert [row.verdict for row in report.rows] == ["pass", "FAIL", "FAIL"]
    assert check(lambda x, cache: x * cache, lambda dy, x, cache: (dy * cache, dy * x), X, W)
    with pytest.raises(GradcheckInputError, match=r"forward returned ndarray.*\(y, cache\)"):
        check(lambda x: x * 2, lambda dy, cache: dy, X)


def test_several_outputs_before_the_cache_and_one_parameter_for_each():
    def forward(x, h, c):
        return np.tanh(x + h), c * x, (x, h, c)

    def backward(dh, dc, cache):
        x, h, c = cache
        dt = dh * (1 - np.tanh(x + h) ** 2)
        return dt + dc * c, dt, dc * x

    v = np.array([0.3, -0.5])
    assert check(forward, backward, v, 2 * v, 3 * v)
    assert check(forward, lambda dy, cache: backward(dy[0], dy[1], cache), v, 2 * v, 3 * v)
    apart = check(
        lambda x, h, c: forward(x, h, c)[:2],
        lambda dh, dc, x, h, c: backward(dh, dc, (x, h, c)),
        *(v, 2 * v, 3 * v),
    )
    assert apart, str(apart)
    assert not check(forward, lambda dh, dc, cache: backward(dh, 2 * dc, cache), v, 2 * v, 3 * v)


def test_dy_may_be_the_last_argument():
    def of_product(x, w, dy):
        return dy * w, dy * x

    def of_outputs(x, w, dh, dc):
        return dh + dc * w, dc * x

    assert check(lambda x, w: x * w, of_product, X, W)
    assert check(lambda x, w: (x, x * w), of_outputs, X, W)
    assert check(affine, lambda cache, dout: affine_backward(dout, cache), *INPUTS)
    wrong = check(lambda x, w: x * w, lambda x, w, dy: (dy * w, dy * w), X, W)
    assert [row.verdict for row in wrong.rows] == ["pass", "FAIL"]


def test_keyword_arguments_with_floating_arrays_are_checked():
    def forward(x, *, w, mode="train"):
        assert mode == "test"
        return x * w

    given = {"w": W, "mode": "test"}
    report = check(forward, lambda dy, x, w: (dy * w, dy * x), X, kwargs=given)
    assert [(row.name, row.verdict) for row in report.rows] == [
        ("x", "pass"),
        ("w", "pass"),
        ("mode", "not differentiated"),
    ]
    assert check(forward, lambda dy, x, **others: {"x": dy * W, "w": dy * x}, X, kwargs=given)
    wrong = check(forward, lambda dy, x, *, w: (dy * w, -dy * x), X, kwargs=given)
    assert [row.verdict for row in wrong.rows] == ["pass", "FAIL", "not differentiated"]
    left_out = check(forward, lambda dy, x, *, w: dy * w, X, kwargs=given, constant=["w"])
    assert left_out, str(left_out)
