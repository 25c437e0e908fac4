"""The proof that the complex step is exact."""

import warnings

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.numeric import H
from minigan.gradcheck.pair import Line, pair_at
from minigan.gradcheck.tracing import TracedCall, trace

X = np.array([0.5, 2.0, -1.0])


def line_of(forward, x=X):
    functions, leaves = function_pair(forward, lambda dy, *inputs: dy, (x,), {}, None, None)
    return Line(pair_at(functions, leaves, 0), 0, np.ones_like(x))


def test_the_traced_y_is_that_of_the_complex_step():
    line = line_of(lambda x: [x**2, np.sin(x[:1])])
    seen = trace(line, H)
    assert seen.operations == ()
    assert not seen.ties
    np.testing.assert_allclose(seen.y.real, [*X**2, np.sin(0.5)], rtol=1e-15)
    np.testing.assert_allclose(seen.y.imag / H, [*(2 * X), np.cos(0.5)], rtol=1e-15)
    assert seen.proves(line, line.y(complex(0.0, H)))


def test_an_entry_line_moves_one_entry():
    line = Line(line_of(lambda x: 3 * x).pair, 0, 1)
    assert (trace(line, H).y.imag / H).tolist() == [0, 3, 0]


def test_the_input_of_the_line_is_traced_and_no_other():
    arguments = (lambda x, w: x * w, lambda dy, x, w: dy, (X, X + 3), {}, None, None)
    pair = pair_at(*function_pair(*arguments), 0)
    for k in range(2):
        seen = trace(Line(pair, k, np.ones(3)), H)
        np.testing.assert_array_equal(seen.y.imag / H, (X + 3, X)[k])


def test_a_proof_needs_equal_finite_numbers_and_no_operation():
    line = line_of(lambda x: x * 1)
    y = line.y(complex(0.0, H))
    assert TracedCall(y, (), False, False).proves(line, y)
    assert TracedCall(None, (), False, False).proves(line, y) is False
    assert not TracedCall(y, ("np.abs",), False, False).proves(line, y)
    assert not TracedCall(y * np.nan, (), False, False).proves(line, y)
    assert not TracedCall(y * (1 + 1e-6), (), False, False).proves(line, y)
    assert not TracedCall(y.real + 1j * y.imag * (1 + 1e-11), (), False, False).proves(line, y)
    assert TracedCall(y.real + 1j * y.imag * (1 + 1e-15), (), False, False).proves(line, y)


@pytest.mark.parametrize(("power", "proved"), [(-590, True), (-589, False)])
def test_the_real_part_may_have_the_term_h_squared(power, proved):
    line = line_of(lambda x: 0 * x)
    y = line.y(complex(0.0, H))
    assert TracedCall(y + 2.0**power, (), False, False).proves(line, y) == proved


@pytest.mark.parametrize(("real", "imag", "proved"), [(0.9e-9, 0, True), (1.1e-9, 0, False),
                         (0, 0.9e-12, True), (0, 1.1e-12, False)])  # fmt: skip
def test_the_traced_numbers_are_those_of_the_other_call_up_to_rounding(real, imag, proved):
    line = line_of(lambda x: x * 1)
    y = line.y(complex(0.0, H))
    for size in (1.0, -1.0):
        seen = TracedCall(
            y.real * (1 + size * real) + 1j * y.imag * (1 + size * imag), (), False, False
        )
        assert seen.proves(line, y) == proved


def test_a_y_that_is_0_is_proved():
    line = line_of(lambda x: x - X)
    assert trace(line, H).proves(line, line.y(complex(0.0, H)))


def test_a_y_without_entries_is_proved():
    line = line_of(lambda x: x[:0])
    assert trace(line, H).proves(line, line.y(complex(0.0, H)))


def test_an_exception_in_the_traced_call_is_no_proof():
    seen = trace(line_of(lambda x: x + x.tobytes().count(b"never")), H)
    assert seen.y is None


def test_a_y_of_another_shape_is_no_proof():
    assert trace(line_of(lambda x: x if type(x) is np.ndarray else x[:2]), H).y is None


def test_a_y_that_is_no_number_is_no_proof():
    assert trace(line_of(lambda x: x if type(x) is np.ndarray else "one", X[:1]), H).y is None


def test_a_constant_output_is_proved():
    line = line_of(lambda x: np.ones(2))
    assert trace(line, H).proves(line, line.y(complex(0.0, H)))


def test_a_returned_real_part_is_recorded():
    (operation,) = trace(line_of(lambda x: np.real(x)), H).operations
    assert operation.startswith("np.real (test_tracing.py")


def test_a_cast_outside_of_the_trace_is_recorded_with_its_line():
    def forward(x):
        y = np.zeros(3)
        y[...] = x * 2  # into real numbers
        return y

    (operation,) = trace(line_of(forward), H).operations
    assert operation.startswith("a cast to real numbers (test_tracing.py, line ")
    assert "`y[...] = x * 2 # into real numbers`" in operation


def test_a_cast_of_numbers_that_have_left_the_trace_is_recorded_with_its_line():
    def forward(x):
        return np.asarray(x).astype(float)

    (operation,) = trace(line_of(forward), H).operations
    assert operation.startswith("a cast to real numbers (test_tracing.py, line ")
    assert "`return np.asarray(x).astype(float)`" in operation


def test_ties_and_questions_for_the_dtype_are_different():
    tie = trace(line_of(lambda x: np.maximum(x, 0.5)), H)
    assert tie.ties is True
    assert tie.asks_dtype is False
    asks = trace(line_of(lambda x: x.astype(x.dtype)), H)
    assert asks.ties is False
    assert asks.asks_dtype is True


def test_a_trace_emits_no_warning():
    def forward(x):
        if type(x) is not np.ndarray:
            warnings.warn("never seen", RuntimeWarning, stacklevel=2)
        return x / 2

    line = line_of(forward)
    assert trace(line, H).proves(line, line.y(complex(0.0, H)))
