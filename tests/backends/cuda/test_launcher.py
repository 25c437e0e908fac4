"""The launcher: arguments that do not match the signature raise an error before the launch."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from minigan.backends.cuda import fused
from minigan.backends.cuda.launcher import (
    Launcher,
    Number,
    Pointer,
    checked_arguments,
    constants,
    signatures,
)

SOURCE = """
const int ROWS = 8;
const int STRIP = 32;
const int LANES = 4;
const int THREADS = 64;
typedef unsigned char u8;
// extern "C" keeps the name of a kernel
extern "C" __global__ void scale(
    const float* x /* m*u */, const u8* mask /* m*u or null */, float by,
    float* y /* 2*m*u */, int m, int u)
{
    y[0] = x[0];
}
extern "C" __global__ void count(u64 seed, const int* first /* layers+1 */, int layers)
{
}
"""
SCALE = signatures(SOURCE)["scale"]


class Module:
    """A `cupy.RawModule` whose kernels record their launches."""

    def __init__(self, code, options):
        self.code, self.options, self.launched, self.compiled = code, options, [], []

    def get_function(self, name):
        self.compiled.append(name)
        return lambda grid, block, arguments: self.launched.append((name, grid, block, arguments))


def launcher():
    made = []

    def raw_module(code, options):
        made.append(Module(code, options))
        return made[-1]

    launch = Launcher(SimpleNamespace(RawModule=raw_module, ndarray=np.ndarray), SOURCE)
    return launch, made[0]


def arguments(**changes):
    """The arguments of `scale` for 3 rows of 2 columns, with some changed."""
    correct = {
        "x": np.zeros((3, 2), np.float32),
        "mask": np.ones((3, 2), bool),
        "by": 0.5,
        "y": np.zeros(12, np.float32),
        "m": 3,
        "u": 2,
    }
    return list((correct | changes).values())


def test_signatures_are_read_from_the_source():
    assert (
        Pointer("float", "x", "m*u", optional=False),
        Pointer("u8", "mask", "m*u", optional=True),
        Number("float", "by"),
        Pointer("float", "y", "2*m*u", optional=False),
        Number("int", "m"),
        Number("int", "u"),
    ) == SCALE
    assert [p.name for p in signatures(SOURCE)["count"]] == ["seed", "first", "layers"]
    assert constants(SOURCE) == {"ROWS": 8, "STRIP": 32, "LANES": 4, "THREADS": 64}


def test_every_kernel_of_the_package_has_a_signature():
    source = fused.source()
    assert len(signatures(source)) == source.count("__global__") == 22


@pytest.mark.parametrize("text", ["float* x", "double x", "float x[3]", "const float * x /* m */"])
def test_a_parameter_that_cannot_be_checked_raises_an_error(text):
    with pytest.raises(ValueError, match="has a form that cannot be checked"):
        signatures(f'extern "C" __global__ void k({text})\n{{')


def test_correct_arguments_become_arrays_and_scalars_of_the_kernels_types():
    x, mask, by, y, m, u = checked_arguments("scale", SCALE, arguments(), np)
    assert x.shape == (3, 2)
    assert mask.dtype == bool
    assert y.size == 12
    assert [type(number) for number in (by, m, u)] == [np.float32, np.int32, np.int32]
    assert (by, m, u) == (0.5, 3, 2)


def test_a_null_pointer_is_an_address_of_eight_bytes():
    null = checked_arguments("scale", SCALE, arguments(mask=None), np)[1]
    assert (type(null), null) == (np.uint64, 0)


F4 = np.float32
WRONG = {
    "one argument short": (arguments()[:-1], TypeError, "takes 6 arguments, not 5"),
    "one too many": ([*arguments(), 1], TypeError, "takes 6 arguments, not 7"),
    "float64": (arguments(x=np.zeros((3, 2))), TypeError, "x must be float32, not float64"),
    "floats for a mask": (arguments(mask=np.ones((3, 2), F4)), TypeError, "mask must be uint8"),
    "one number short": (arguments(x=np.zeros(5, F4)), ValueError, r"5 numbers where m\*u = 6"),
    "one number too many": (arguments(y=np.zeros(13, F4)), ValueError, r"where 2\*m\*u = 12"),
    "other sizes": (arguments(m=2, u=2), ValueError, r"6 numbers where m\*u = 4"),
    "transposed": (arguments(x=np.zeros((2, 3), F4).T), ValueError, "x is not contiguous"),
    "a column slice": (arguments(x=np.zeros((3, 4), F4)[:, :2]), ValueError, "not contiguous"),
    "null where it is not allowed": (arguments(x=None), TypeError, "x must be an array"),
    "a number for an array": (arguments(x=1.0), TypeError, "x must be an array"),
    "an array for a number": (arguments(by=np.ones(1, F4)), TypeError, "by must be a number"),
    "a size that is a float": (arguments(m=3.0), TypeError, r"m must be a number \(int\)"),
    "a size that is a bool": (arguments(m=True), TypeError, "m must be a number"),
    "a size beyond int": (arguments(m=2**31), ValueError, "m = 2147483648 does not fit int"),
    "a float beyond float32": (arguments(by=1e39), ValueError, r"by = 1e\+39 does not fit float"),
    "not a number": (arguments(by=float("nan")), ValueError, "by = nan does not fit float"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_arguments_raise_an_error_with_the_name_of_the_parameter(what):
    wrong, error, message = WRONG[what]
    with pytest.raises(error, match=message):
        checked_arguments("scale", SCALE, wrong, np)


def test_an_array_of_the_host_raises_an_error_on_a_device():
    device = SimpleNamespace(ndarray=type("ndarray", (), {}))
    with pytest.raises(TypeError, match="x must be an array of the device, not ndarray"):
        checked_arguments("scale", SCALE, arguments(), device)


def test_a_seed_may_have_64_bits_and_a_size_may_contain_a_sum():
    seed = 2**64 - 1
    first = np.zeros(3, np.int32)
    assert checked_arguments("count", signatures(SOURCE)["count"], [seed, first, 2], np)[0] == seed
    with pytest.raises(ValueError, match=r"3 numbers where layers\+1 = 4"):
        checked_arguments("count", signatures(SOURCE)["count"], [seed, first, 3], np)


@pytest.mark.parametrize(
    ("method", "count", "grid", "block"),
    [
        ("each", 1, (1,), (256,)),
        ("each", 256, (1,), (256,)),
        ("each", 257, (2,), (256,)),
        ("rows", 65, (2,), (256,)),  # with 4 lanes each
        ("columns", 32, (1,), (32, 8)),
        ("columns", 33, (2,), (32, 8)),
    ],
)
def test_the_grid_has_enough_threads_and_no_extra_block(method, count, grid, block):
    launch, module = launcher()
    getattr(launch, method)("scale", count, *arguments())
    assert [launched[:3] for launched in module.launched] == [("scale", grid, block)]


def test_a_mean_is_computed_by_one_block():
    launch, module = launcher()
    launch.together("scale", *arguments())
    assert module.launched[0][1:3] == ((1,), (64,))


def test_an_empty_launch_is_skipped_but_its_arguments_are_checked():
    launch, module = launcher()
    empty = np.zeros((0, 2), F4)
    launch.each("scale", 0, *arguments(x=empty, mask=None, y=empty, m=0))
    assert module.launched == []
    with pytest.raises(ValueError, match="where"):
        launch.each("scale", 0, *arguments(m=0))


def test_a_kernel_is_compiled_once_and_without_fused_multiply_add():
    launch, module = launcher()
    launch.each("scale", 6, *arguments())
    launch.each("scale", 6, *arguments())
    assert module.compiled == ["scale"]
    assert module.code == SOURCE
    assert "--fmad=false" in module.options
