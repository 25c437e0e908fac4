"""Arrays that record which operations on them are not holomorphic."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import scipy.special

from minigan.gradcheck import check
from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.numeric import H
from minigan.gradcheck.pair import Line, pair_at
from minigan.gradcheck.traced import Traced, TraceLog, call_site
from minigan.gradcheck.tracing import trace

X = np.array([0.3, -1.2, 0.7, 2.0])


def traced(numbers=(1 + 1j, 2 - 1j)):
    log = TraceLog()
    return Traced(np.array(numbers), log), log


def proved(forward, x=X):
    """Does the trace prove that the complex step is exact?"""
    functions, leaves = function_pair(forward, lambda dy, x: dy, (x,), {}, None, None)
    line = Line(pair_at(functions, leaves, 0), 0, np.ones_like(x))
    return trace(line, H).proves(line, line.y(complex(0.0, H)))


def buffer_of(x):
    return np.zeros(x.shape, x.dtype)


def weak(x, z):
    """x, plus a small term of z that is not holomorphic."""
    return x + 1e-9 * np.abs(z) ** 2


# One line for each way to compute with holomorphic operations.


def in_place(x):
    y = np.empty_like(x)
    y[:] = x
    y += 1
    np.exp(y, out=y)
    return y


def scattered(x):
    y = np.zeros_like(x)
    np.add.at(y, [0, 0, 1], x[:3])
    return y


def by_array_module(x):
    xp = np if type(x) is np.ndarray else x.__array_namespace__()
    y = xp.zeros(x.shape, dtype=x.dtype)
    y[1:] = x[:-1]
    return xp.sum(y**2) + xp.asarray(x)


def written_to_plain_out(x):
    return np.multiply(x, 2, out=buffer_of(x))


def masked_out(x):
    y = np.zeros_like(x)
    np.add(x, 1, out=y, where=np.array([True, False, True, False]))
    return y


def looped(x):
    total = 0
    for one in x:
        total = total + one * one
    return total


@pytest.mark.parametrize(
    "forward",
    [
        in_place,
        scattered,
        by_array_module,
        written_to_plain_out,
        masked_out,
        looped,
        lambda x: np.tanh(np.eye(4) @ x + 1) / (1 + np.exp(-x)),
        lambda x: np.maximum(x, 0) + x * (x > 0) + np.where(x > 0, x, 0.1 * x),
        lambda x: (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + 1e-5),
        lambda x: np.concatenate([x, x**2]).reshape(2, 4).T.sum(axis=0, keepdims=True),
        lambda x: np.einsum("i,j->ij", x, x).mT[:, None].squeeze(1).swapaxes(0, 1),
        lambda x: np.linalg.solve(3 * np.eye(4) + x, x),
        lambda x: np.clip(x, -0.5, 0.6) + np.max(x) + x[x.argmax()],
        lambda x: scipy.special.erf(x),
        lambda x: copy.deepcopy(x) * copy.copy(x),
        lambda x: x**2 if isinstance(x, np.ndarray) else np.abs(x),
        lambda x: [3 - x, {"a": 2 / x, "b": x @ x}, len(x) * x.size * x.ndim * x.shape[0] * -x],
        lambda x: x if x.real.max() > 0 else -x,
    ],
)
def test_holomorphic_code_is_proved(forward):
    assert proved(forward)


# Code that is not holomorphic, or that leaves the trace.


def plus_at(x):
    y = buffer_of(x)
    np.add.at(y, np.arange(4), x)
    return weak(x, y)


def positional_out(x):
    y = buffer_of(x)
    np.dot(np.eye(4), x, y)
    return weak(x, y)


def out_of_a_method(x):
    y = np.zeros((), x.dtype)
    x.sum(0, None, y)
    return weak(x, y)


def out_by_name(x):
    y = buffer_of(x)
    np.cumsum(x, out=y)
    return weak(x, y)


def plain_copy(x):
    y = buffer_of(x)
    np.copyto(y, x)
    return weak(x, y)


def put(x):
    y = buffer_of(x)
    np.put(y, np.arange(4), x)
    return weak(x, y)


def plus_equals(x):
    alias = total = buffer_of(x)
    total += x
    return weak(x, alias)


def ignored(function):
    """The function without warnings, so that none tells that an imaginary part was dropped."""

    def quiet(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(x)

    return quiet


@ignored
def real_buffer(x):
    y = np.zeros_like(x, dtype=float)
    y[...] = x
    return x + 1e-9 * y**2


def real_part_in_a_buffer(x):
    y = np.zeros_like(x, dtype=float)
    y[:][1:] = x.real[1:]
    return x + 1e-9 * y**2


def real_part_by_out(x):
    y = np.zeros_like(x, dtype=float)
    np.square(x.real, out=y[:])
    return x + 1e-9 * y


def full_of_a_real_part(x):
    xp = np if type(x) is np.ndarray else x.__array_namespace__()
    return x + 1e-9 * xp.full(x.shape, x.real[0]) ** 2


def other_attribute(x):
    try:
        return weak(x, x.view(x.dtype))
    except AttributeError:
        return x * 1


def asks_for_the_type(x):
    return x * 1 if np.iscomplexobj(x) else weak(x, x)


def filled_with_abs(x):
    y = np.zeros_like(x)
    y.fill(np.abs(x[0]))
    return x + 1e-9 * y


def complex_part_set(x):
    if np.iscomplexobj(x):
        x = x.copy()
        x.real[...] = np.abs(x)
    return x


@pytest.mark.parametrize(
    "forward",
    [
        plus_at,
        positional_out,
        out_of_a_method,
        out_by_name,
        plain_copy,
        put,
        plus_equals,
        real_buffer,
        real_part_in_a_buffer,
        real_part_by_out,
        full_of_a_real_part,
        other_attribute,
        asks_for_the_type,
        filled_with_abs,
        complex_part_set,
        lambda x: weak(x, x),
        lambda x: x.conj(),
        lambda x: weak(x, getattr(x, "value", x)),
        lambda x: weak(x, copy.deepcopy([x])[0]),
        lambda x: weak(x, pickle.loads(pickle.dumps(x))),
        lambda x: weak(x, np.asarray(x)),
        lambda x: weak(x, np.array([one + 0 for one in x])),
        lambda x: x + 1e-9 * np.array([abs(one) for one in x.astype(object) * 1]).astype(x.dtype),
        lambda x: x + 1e-9 * np.linalg.norm(x),
        lambda x: x + 1e-9 * x.var() + 1e-9 * np.std(x),
        lambda x: x + 1e-9 * np.vdot(x, x),
        lambda x: x + 1e-9 * np.sign(x) * x,
        lambda x: x + 1e-9 * np.round(x, 2),
        lambda x: x + 1e-9 * np.abs(x) * (1 + 0j) if x.dtype.kind == "c" else x,
        lambda x: x + np.fft.fft(1e-9 * x.real) if x.dtype.kind == "c" else x,
        lambda x: np.concatenate([x, 1e-9 * x.real]),
        lambda x: np.where([True, False, True, True], x, 1e-9 * np.abs(x)),
        lambda x: np.abs(x),
        lambda x: [x, x.real],
        lambda x: x + sum(float(np.real(one)) for one in x),
        ignored(lambda x: x + 1e-9 * np.sum(x, dtype=float)),
        ignored(lambda x: x + x.astype(float)),
        lambda x: x + 1e-3 * x.astype(">c8" if x.dtype.kind == "c" else ">f4").astype(x.dtype),
        lambda x: x + np.vectorize(lambda one: 1e-9 * abs(one))(x),
    ],
)
def test_other_code_is_not_proved(forward):
    assert not proved(forward)


def test_an_operation_is_recorded_once_with_its_line_of_code():
    z, log = traced()
    for _ in range(2):
        z + np.abs(z)  # the line that is quoted
    (operation,) = log.operations
    assert operation.startswith("np.absolute (test_traced.py, line ")
    assert operation.endswith(": `z + np.abs(z) # the line that is quoted`)")
    assert call_site().startswith(" (test_traced.py, line ")


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (lambda z: z + np.linalg.norm(z), "np.linalg.norm"),
        (lambda z: z + np.fft.irfft(z, 2), "np.fft.irfft"),
        (lambda z: z + z.var(), ".var"),
        (lambda z: z * z.real, ".real"),
        (lambda z: z * np.real(z), "np.real"),
        (lambda z: float(z[0]), "float()"),
        (lambda z: z.astype(np.complex64), "a cast to complex64"),
        (lambda z: np.asarray(z, dtype=float), "a cast to real numbers"),
        (lambda z: hasattr(z, "tolist"), ".tolist"),
        (lambda z: np.iscomplexobj(z), "np.iscomplexobj"),
    ],
)
def test_operations_have_the_names_that_users_write(operation, name):
    z, log = traced()
    operation(z)
    assert [one.partition(" (")[0] for one in log.operations] == [name]


@pytest.mark.parametrize(
    ("function", "numbers", "holomorphic"),
    [
        (np.sqrt, [1e-300, 2.0], True),
        (np.sqrt, [0.0, 2.0], False),
        (lambda z: z**2, [0.0, -1.0], True),
        (lambda z: z**1.5, [0.5, 2.0], True),
        (lambda z: z**1.5, [0.5, 0.0], False),
        (lambda z: z ** np.array([2.0, 0.5]), [1.0, 0.0], False),
    ],
)
def test_a_root_of_zero_is_not_holomorphic(function, numbers, holomorphic):
    z, log = traced(np.array(numbers) + 0j)
    function(z)
    assert (not log.operations) is holomorphic


def test_a_function_of_numpy_has_no_line_of_code():
    report = check(np.abs, lambda dy, x: dy * np.sign(x), [1.0, 2.0])
    assert report.rows[0].diagnosis.endswith("found in forward: np.absolute")


def test_real_numbers_may_be_compared_without_a_record():
    z, log = traced()
    assert (np.abs(z) > 1.5).tolist() == [False, True]
    assert z.real.argmax() == 1
    assert np.floor(z.real).shape == (2,)
    assert log.operations == []


def test_what_leaves_the_trace_is_nan():
    z, _ = traced()
    assert np.all(np.isnan(np.asarray(z)))
    assert np.isnan(complex(z[0]))
    buffer = np.zeros(2, complex)
    result = np.multiply(z, 2, out=buffer)
    assert np.all(np.isnan(buffer))
    assert result._numbers.tolist() == [2 + 2j, 4 - 2j]


def test_a_comparison_may_write_to_a_plain_array():
    z, _ = traced()
    found = np.zeros(2, bool)
    np.greater(z, 1.5, out=found)
    assert found.tolist() == [False, True]


@pytest.mark.parametrize(
    ("operation", "ties"),
    [
        (lambda z: np.maximum(z, 1), True),
        (lambda z: np.maximum(z, 1.5), False),
        (lambda z: z > 2, True),
        (lambda z: z > 0, False),
        (lambda z: np.clip(z, -5, 2), True),
        (lambda z: np.clip(z, min=-5, max=2), True),
        (lambda z: z.clip(-5, 2), True),
        (lambda z: z.clip(None, 5), False),
        (lambda z: np.max(z), False),
        (lambda z: np.sort(np.concatenate([z, z])), True),
        (lambda z: np.concatenate([z, z]).argmax(), True),
        (lambda z: np.maximum.reduce(z), False),
        (lambda z: np.maximum.reduce(np.concatenate([z, z])), True),
        (lambda z: np.maximum.at(z, [0], 0.5), True),
        (lambda z: bool(z[0] - 1), True),
        (lambda z: bool(z[0]), False),
        (lambda z: np.count_nonzero(z - 2), True),
        (lambda z: np.logical_not(z - 2), True),
        (lambda z: np.isnan(np.concatenate([z, z])), False),
    ],
)
def test_two_equal_numbers_in_a_comparison_are_a_tie(operation, ties):
    z, log = traced()
    operation(z)
    assert log.ties == ties


def test_a_traced_array_has_no_public_attribute_that_an_array_lacks():
    assert {name for name in dir(Traced) if name[0] != "_"} <= set(dir(np.ndarray))
