"""Forward receives arrays like the caller's: the same class, layout, flags and library."""

from collections import UserDict
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.leaf import GradcheckInputError, copy_like, leaf_of, to_numpy

A = np.arange(24.0).reshape(4, 6)


def read_only():
    x = A.copy()
    x.flags.writeable = False
    return x


def unaligned():
    memory = bytearray(8 * A.size + 1)
    x = np.frombuffer(memory, dtype=float, offset=1).reshape(A.shape)
    x[...] = A
    return x


class Named(np.ndarray):
    pass


LAYOUTS = {
    "C": A,
    "Fortran": np.asfortranarray(A),
    "transposed": A.reshape(2, 3, 4).transpose(1, 2, 0),
    "negative strides": A[::-1, ::-2],
    "every second": A[::2, 1::3],
    "read-only": read_only(),
    "big-endian": A.astype(">f8"),
    "little-endian": A.astype("<f8"),
    "unaligned": unaligned(),
    "unaligned column": unaligned()[:, 2],
    "field of a record": np.zeros(3, [("a", "i4"), ("x", "f8")])["x"],
    "subclass": A.view(Named),
    "Fortran subclass": np.asfortranarray(A).view(Named),
    "masked": np.ma.masked_array(A, A > 3),
    "0-d": np.array(3.0),
    "empty": np.ones((0, 3)),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("kind", [np.float64, np.complex128])
def test_a_copy_has_the_layout_and_the_flags_of_the_array(name, kind):
    value = LAYOUTS[name]
    numbers = np.asarray(np.random.default_rng(0).normal(size=value.shape)).astype(kind)
    copied = copy_like(value, numbers)
    assert type(copied) is type(value)
    assert np.array_equal(np.asarray(copied), numbers)
    assert copied.dtype == np.dtype(kind).newbyteorder(value.dtype.byteorder)
    assert copied.dtype.byteorder == value.dtype.byteorder
    for flag in ("c_contiguous", "f_contiguous", "aligned", "writeable"):
        assert getattr(copied.flags, flag) == getattr(value.flags, flag), flag
    if value.size and min(value.shape, default=1) > 1:
        scale = np.dtype(kind).itemsize / value.itemsize
        assert copied.strides == tuple(scale * s for s in value.strides)
    assert not np.shares_memory(copied, value)


def test_a_masked_array_keeps_its_mask():
    copied = copy_like(LAYOUTS["masked"], A + 1)
    assert np.array_equal(np.ma.getmaskarray(copied), A > 3)
    assert to_numpy(copied)[0].tolist() == [1, 2, 3, 4, 0, 0]


@pytest.mark.parametrize(
    "value",
    [
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.lib.stride_tricks.sliding_window_view(np.arange(6.0), 3),
    ],
)
def test_entries_of_an_array_that_overlaps_itself_change_alone(value):
    leaf = leaf_of("x", value)
    numbers = leaf.x.copy()
    numbers[0, 0] = 7
    given = leaf.given(numbers)
    assert np.array_equal(given, numbers)
    assert given.flags.writeable == value.flags.writeable


def test_a_broadcast_input_is_checked_entry_by_entry():
    x = np.broadcast_to(np.arange(1.0, 4.0), (4, 3))
    assert check(lambda x: x**2, lambda dy, x: 2 * x * dy, x)
    assert not check(lambda x: x**2, lambda dy, x: dy.sum(axis=0) * 2 * x, x)


@pytest.mark.parametrize(
    ("value", "numbers", "kind"),
    [
        ([1.0, 2], [1.0, 2.0], np.ndarray),
        (0.5, 0.5, np.float64),
        (np.float32(0.5), 0.5, np.float64),
        (np.array([0.5], np.float16), [0.5], np.ndarray),
    ],
)
def test_floating_inputs_become_float64(value, numbers, kind):
    leaf = leaf_of("x", value)
    assert leaf.floating
    assert leaf.x.dtype == np.float64
    assert leaf.x.tolist() == numbers
    assert type(leaf.given()) is kind
    assert leaf.given().dtype == np.float64


@pytest.mark.parametrize("value", [3, "mean", None, True, [1, 2], np.sin, np.random.default_rng(0)])
def test_other_inputs_are_passed_on_unchanged(value):
    leaf = leaf_of("x", value)
    assert not leaf.floating
    assert leaf.given() is value


def test_labels_and_masks_are_copied_in_their_layout():
    labels = np.arange(6, dtype=np.int16).reshape(2, 3).T
    given = leaf_of("labels", labels).given()
    assert not np.shares_memory(given, labels)
    assert given.dtype == np.int16
    assert given.flags.f_contiguous
    assert np.array_equal(given, labels)


class Table:
    def __array__(self, dtype=None, copy=None):
        return A


class Refusing(np.ndarray):
    def astype(self, *arguments, **options):
        return np.array(self)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([1j]), "x contains complex numbers; .* as two inputs"),
        (1j, "x contains complex"),
        (np.array([A, A[0]], dtype=object), "x is an array of Python objects; .* a list of arrays"),
        ([Fraction(1, 2)], "array of Python objects"),
        (SimpleNamespace(W=A), "x is a SimpleNamespace; pass NumPy arrays, or lists"),
        (UserDict(W=A), "x is a UserDict; pass NumPy arrays, or lists"),
        (SimpleNamespace(params={"W": [A]}), "x is a SimpleNamespace; pass NumPy arrays"),
        (Table(), "x is a Table; pass NumPy arrays"),
        (A.view(Refusing), "x is a Refusing, which NumPy does not copy as such"),
    ],
)
def test_what_cannot_be_checked_is_refused_by_name(value, message):
    with pytest.raises(GradcheckInputError, match=message):
        leaf_of("x", value)


@pytest.mark.oracle
def test_arrays_of_pytorch_stay_tensors():
    torch = pytest.importorskip("torch")
    x, labels = torch.tensor([[0.5, -1.0], [2.0, 3.0]], dtype=torch.float64), torch.tensor([1, 0])
    kinds = set()

    def forward(x, W, labels):
        kinds.update(map(type, (x, W, labels)))
        return torch.tanh(x @ W)[torch.arange(2), labels]

    def backward(dy, x, W, labels):
        kinds.add(type(dy))
        x, W = x.requires_grad_(), W.requires_grad_()
        return torch.autograd.grad(forward(x, W, labels), (x, W), dy)

    report = check(forward, backward, x, x.T.float(), labels)
    assert report, str(report)
    assert kinds == {torch.Tensor}
    assert leaf_of("k", labels).given() is not labels
    wrong = check(forward, lambda *v: tuple(-g for g in backward(*v)), x, x.T, labels)
    assert [row.verdict for row in wrong.rows] == ["FAIL", "FAIL", "not differentiated"]
    with pytest.raises(GradcheckInputError, match="Tensor cannot be converted to NumPy"):
        check(torch.sin, torch.cos, torch.ones(2, dtype=torch.bfloat16))


@pytest.mark.oracle
def test_arrays_of_jax_stay_jax_arrays():
    jax = pytest.importorskip("jax")

    def forward(x):
        assert isinstance(x, jax.Array)
        return jax.numpy.sin(x)

    x = jax.numpy.array([0.5, 2.0])
    report = check(forward, lambda dy, x: dy * jax.numpy.cos(x), x)
    assert report, str(report)
    assert not check(forward, lambda dy, x: dy * jax.numpy.sin(x), x)
