"""Operations that drop imaginary parts are recorded; comparisons of real parts are not."""

import numpy as np
import pytest

from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.tracing import (
    TracingArray,
    has_low_precision,
    non_holomorphic_operations,
    source_line,
)


def line_of(f, x=(0.3, -0.7, 1.2)):
    x = np.array(x)
    y = np.asarray(f(x), dtype=float)
    return Line(Pair(f, lambda *_: None, (x,), ("x",), y, np.ones(y.shape)), 0, 0)


def to_buffer(x):
    buffer = np.zeros(x.shape)
    buffer[...] = x
    return buffer * 2


def in_place_absolute(x):
    y = x * 2
    y += np.abs(y)
    return y


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (np.abs, "np.absolute"),
        (lambda x: abs(x) + x, "np.absolute"),
        (in_place_absolute, "np.absolute"),
        (np.conj, "np.conjugate"),
        (lambda x: x.conj() * x, "np.conjugate"),
        (lambda x: x.conjugate() * x, "np.conjugate"),
        (lambda x: x.real * 2, ".real"),
        (lambda x: np.real(x) * 2, ".real"),
        (lambda x: x * np.sum(x.real), ".real"),
        (lambda x: x.real, ".real"),
        (lambda x: np.where(x.real > 0, x.real, 0), ".real"),
        (lambda x: x + x.imag, ".imag"),
        (lambda x: x.astype(float) * 2, ".astype(float64)"),
        (lambda x: x * x.astype(np.float32), ".astype(float32)"),
        (lambda x: x.astype("complex64" if np.iscomplexobj(x) else "f4"), ".astype(complex64)"),
        (lambda x: float(x[0]) * x, "a cast to real numbers"),
        (lambda x: float(np.sum(x)) * x, "float()"),
        (to_buffer, "a cast to real numbers"),
        (lambda x: np.linalg.norm(x) * x, "np.linalg.norm"),
        (lambda x: x / np.std(x), "np.std"),
        (lambda x: x * np.var(x), "np.var"),
        (lambda x: x / x.std(), ".std()"),
        (lambda x: (x - x.mean()) * x.var(axis=-1, keepdims=True), ".var()"),
        (lambda x: np.vdot(x, x) * np.ones(1), "np.vdot"),
        (lambda x: np.real_if_close(x) * 2, "np.real_if_close"),
    ],
)
def test_a_non_holomorphic_operation_is_reported_with_its_line(f, name):
    found = non_holomorphic_operations(line_of(f))
    assert any(one.startswith(name) and "test_tracing.py, line " in one for one in found), found


def softplus(x):
    size = np.where(x.real >= 0, x, -x)
    return np.where(x.real >= 0, x, 0) + np.log1p(np.exp(-size))


@pytest.mark.parametrize(
    "f",
    [
        softplus,
        lambda x: np.tanh(x) @ np.ones((3, 2)),
        lambda x: np.einsum("i,j->ij", x, x).sum(axis=0),
        lambda x: np.concatenate([x, x**2]).reshape(2, 3).mean(axis=1),
        lambda x: x[x.real > 0] * 2,
        lambda x: x * (x.real.argmax() + 1),
        lambda x: x.copy() + np.zeros_like(x),
    ],
)
def test_code_that_keeps_imaginary_parts_is_not_recorded(f):
    assert non_holomorphic_operations(line_of(f)) == []


def test_operations_before_an_exception_are_recorded():
    def forward(x):
        y = np.abs(x) * 1.0
        if np.iscomplexobj(x):
            raise TypeError
        return y

    assert non_holomorphic_operations(line_of(forward))[0].startswith("np.absolute")


def test_a_tracing_array_computes_the_same_as_a_plain_array():
    z = np.array([[1 + 2j, -3j], [0.5, 2]])
    w = z.copy().view(TracingArray)
    assert np.array_equal(np.asarray(w @ w + np.exp(w).sum(axis=0)), z @ z + np.exp(z).sum(axis=0))
    assert np.array_equal(np.asarray(w.real), z.real)
    assert np.array_equal(np.asarray(w.imag), z.imag)
    w.real = 5
    w.imag[...] = 1  # .imag of a TracingArray is a copy
    assert np.array_equal(np.asarray(w), 5 + 1j * z.imag)
    w.imag = 2
    assert np.array_equal(np.asarray(w), np.full((2, 2), 5 + 2j))
    assert [np.asarray(q).tolist() for q in np.divmod(np.ones(1).view(TracingArray), 2)] == [
        [0],
        [1],
    ]


def test_each_line_is_recorded_once():
    def forward(x):
        for _ in range(3):
            x = np.abs(x) * 1.0 + 0j * x
        return x.real

    found = non_holomorphic_operations(line_of(forward))
    assert sum(one.startswith("np.absolute") for one in found) == 1


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x.astype(np.float32) * 2.0, True),
        (lambda x: np.sin(x).astype(np.float32).astype(float), True),
        (lambda x: np.round(x, 5), True),
        (np.sin, False),
        (lambda x: 1e9 + x, False),
        (lambda x: np.sign(x), False),
        (lambda x: x * 0, False),
        (lambda x: 1 / (1 + np.exp(-40 * x)), False),
    ],
)
def test_lower_precision_than_float64_is_detected(f, expected):
    assert has_low_precision(line_of(f)) is expected


def test_a_quoted_source_line_is_shortened(tmp_path):
    file = tmp_path / "layer.py"
    file.write_text("a = 1\n" + "b = " + "1 + " * 40 + "1\n")
    assert source_line(str(file), 1) == " (layer.py, line 1: `a = 1`)"
    assert len(source_line(str(file), 2)) < 100
    assert source_line(str(tmp_path / "none.py"), 7) == " (none.py, line 7)"
