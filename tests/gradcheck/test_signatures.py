"""The parameters of forward and backward: names, caches, keywords, and one sentence if wrong."""

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError, check
from minigan.gradcheck.signatures import (
    accepted_keywords,
    call,
    input_names,
    signature_parameters,
    takes_cache,
    takes_dy_last,
)


@pytest.mark.parametrize(
    ("forward", "count", "names"),
    [
        (lambda x, W, b=0: 0, 3, ("x", "W", "b")),
        (lambda x, W, b=0: 0, 2, ("x", "W")),
        (lambda x, *rest: 0, 3, ("x", "rest[0]", "rest[1]")),
        (max, 2, ("input[0]", "input[1]")),
    ],
)
def test_inputs_have_the_names_of_the_parameters(forward, count, names):
    assert input_names(forward, count, None) == names
    assert input_names(forward, count, ["a", "b", "c"][:count]) == ("a", "b", "c")[:count]
    with pytest.raises(GradcheckInputError, match=f"4 names for {count} inputs"):
        input_names(forward, count, ["a"] * 4)


@pytest.mark.parametrize(
    ("backward", "expected"),
    [
        (lambda dy, cache: 0, True),
        (lambda dout, ctx, scale=1: 0, True),
        (lambda dh, dc, cache: 0, True),
        (lambda cache, dy: 0, True),
        (lambda dy, x: 0, False),
        (lambda cache: 0, False),
        (lambda dy, cache, x: 0, False),
        (np.add, False),
    ],
)
def test_a_cache_is_the_last_or_the_first_required_parameter(backward, expected):
    assert takes_cache(lambda x: x, backward) is expected
    assert takes_cache(lambda x, cache: x, lambda dy, x, cache: x) is False
    assert takes_cache(lambda cache: cache, lambda cache, dy: 0) is False


@pytest.mark.parametrize(
    ("backward", "expected"),
    [
        (lambda x, W, dy: 0, True),
        (lambda x, W, grad_output: 0, True),
        (lambda x, W, dh, dc: 0, True),
        (lambda x, W, upstream, scale=1: 0, True),
        (lambda dy, x, W: 0, False),
        (lambda W, x, dy: 0, False),
        (lambda x, W, b: 0, False),
        (lambda x, W: 0, False),
        (np.add, False),
    ],
)
def test_dy_is_last_where_the_names_of_the_inputs_come_first_and_one_of_dy_follows(
    backward, expected
):
    assert takes_dy_last(signature_parameters(backward), ("x", "W"), cached=False) is expected


def test_dy_is_last_after_a_cache():
    for backward in (lambda cache, dout: 0, lambda ctx, anything: 0):
        assert takes_dy_last(signature_parameters(backward), (), cached=True) is True
    for backward in (lambda dout, cache: 0, lambda kept, dout: 0, lambda cache: 0):
        assert takes_dy_last(signature_parameters(backward), (), cached=True) is False


def test_backward_gets_the_keywords_that_it_has_parameters_for():
    def accepted(backward):
        return accepted_keywords(signature_parameters(backward), {"a": 1, "b": 2})

    assert accepted(lambda dy, a: 0) == {"a": 1}
    assert accepted(lambda dy, **rest: 0) == {"a": 1, "b": 2}
    assert accepted(lambda dy: 0) == {}


class Double:
    def forward(self, x):
        self.x = x
        return 2 * x

    def backward(self, dy):
        return 2 * dy


def test_functions_with_other_parameters_are_refused_in_one_sentence():
    x = np.ones(2)
    with pytest.raises(
        GradcheckInputError, match=r"backward cannot be .*too many pos.*cache=True.*check_layer"
    ):
        check(Double().forward, Double().backward, x)
    with pytest.raises(
        GradcheckInputError, match=r"forward cannot be called .missing a required argument: 'W'"
    ):
        check(lambda x, W: x, lambda dy, x: dy, x)


def test_a_type_error_inside_a_function_is_not_changed():
    with pytest.raises(TypeError, match="unsupported operand"):
        call("forward", lambda x: x + None, [1], {})
    with pytest.raises(TypeError, match="integer"):
        call("forward", range, ["a"], {})
