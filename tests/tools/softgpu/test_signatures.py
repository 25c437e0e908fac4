"""Every array-module call in minigan binds to NumPy and to CuPy; wrong calls are found."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest

import minigan
from softgpu.entries import Library, signature
from softgpu.known_arrays import Known
from softgpu.signature_table import committed, entry, library
from softgpu.signatures import misfits

ROOT = Path(minigan.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
NUMPY = library(np)


def libraries_of(path: Path, cupy: Library) -> list[Library]:
    """The libraries for a file; the CuPy backends are never used with NumPy's module."""
    return [cupy] if path.parent.name == "backends" else [NUMPY, cupy]


def all_misfits(cupy: Library) -> list[str]:
    known = Known.of(SOURCES)
    found = (m for path in SOURCES for m in misfits(path, libraries_of(path, cupy), known))
    return [f"{m.path}:{m.line}: {m.library}: {m.name} {m.reason}" for m in found]


def test_every_call_of_an_array_module_in_the_package_binds_to_numpy_and_to_the_table_of_cupy():
    assert all_misfits(committed()) == []


@pytest.mark.cupy
def test_every_call_of_an_array_module_in_the_package_binds_to_the_installed_cupy():
    assert all_misfits(library(importlib.import_module("cupy"))) == []


@pytest.mark.cupy
def test_the_table_is_that_of_the_installed_cupy():
    """If CuPy has changed, run in tests/tools: python -m softgpu.signature_table."""
    assert library(importlib.import_module("cupy")) == committed()


FAULTS = [
    ("xp.sum(x, axis=0, where=x)", "cupy", "sum got an unexpected keyword argument 'where'"),
    ("xp.add(x, x, where=x)", "cupy", "add a ufunc of cupy takes no where="),
    ("xp.add(x)", "cupy", "add takes 2 to 3 positional arguments, not 1"),
    ("xp.add(x, x, x, x)", "numpy", "add takes 2 to 3 positional arguments, not 4"),
    ("xp.exp(x, device=0)", "numpy", "exp a ufunc of numpy takes no device="),
    ("xp.copyto2(x, x)", "cupy", "copyto2 does not exist"),
    ("xp.linalg.nrm(x)", "numpy", "linalg.nrm does not exist"),
    ("xp.emptylike", "cupy", "emptylike does not exist"),
    ("xp.vdot(x)", "cupy", "vdot missing a required argument: 'b'"),
    ("xp.take(x, x, mode='clip')", "cupy", "take got an unexpected keyword argument 'mode'"),
    ("xp.matmul(x, x, x)", "cupy", "matmul too many positional arguments"),
    ("backend.xp.zeros(3, like=x)", "cupy", "zeros got an unexpected keyword argument 'like'"),
    ("array_module(x).isin2(x)", "cupy", "isin2 does not exist"),
    ("x.sum(axis=0, where=x)", "cupy", "sum got an unexpected keyword argument 'where'"),
    ("x.item(0)", "cupy", "item too many positional arguments"),
    ("x[1:].get()", "numpy", "get does not exist"),
    ("(x + 1).T.mean(1, 2, 3, 4, 5)", "cupy", "mean too many positional arguments"),
    ("xp.exp(x).setflags(write=False)", "cupy", "setflags does not exist"),
    ("xp.empty(3).nope", "cupy", "nope does not exist"),
    ("page.y.getfield(3)", "cupy", "getfield does not exist"),
    ("made(x).itemset(3)", "cupy", "itemset does not exist"),
    ("z.newbyteorder()", "cupy", "newbyteorder does not exist"),
    ("cupy.asarray(x, blokking=True)", "cupy", "asarray got an unexpected keyword argument"),
    ("self.cupy.cuda.Stream(nonblocking=1)", "cupy", "cuda.Stream got an unexpected keyword"),
    ("cupy.cuda.runtime.getDevices()", "cupy", "cuda.runtime.getDevices does not exist"),
]
SURROUNDINGS = """
class Page:
    y: Array

def made(x) -> Array: ...

def planted(self, xp, backend, cupy, page: Page, x: Array):
    z = x[0] * 2
    return {}
"""


@pytest.mark.parametrize(("call", "of", "reason"), FAULTS)
def test_a_planted_fault_is_found(tmp_path, call, of, reason):
    path = tmp_path / "planted.py"
    path.write_text(SURROUNDINGS.replace("{}", call), "utf-8")
    found = [m for m in misfits(path, [NUMPY, committed()]) if m.library == of]
    assert [f"{m.name} {m.reason}"[: len(reason)] for m in found] == [reason]
    assert [m.line for m in found] == [9]


@pytest.mark.parametrize(
    "call",
    [
        "xp.sum(x, axis=0, out=x), xp.add(x, x, x), xp.matmul(x, x, out=x), xp.float32(3), xp.pi",
        "x.reshape(2, -1).T.astype(xp.float32, copy=False).sum(axis=0, keepdims=True).item()",
        "xp.where(x > 0, x, 0), xp.empty((2, 3), dtype=x.dtype), xp.random.default_rng",
        "cupy.asarray(x, blocking=True), cupy.cuda.Device(0).use(), cupy.get_default_memory_pool()",
        "xp.add(*x), xp.sum(x, **backend), page.x.anything(), backend.anything(where=x)",
    ],
)
def test_a_call_that_binds_to_both_is_no_misfit(tmp_path, call):
    path = tmp_path / "sound.py"
    path.write_text(SURROUNDINGS.replace("{}", call), "utf-8")
    assert misfits(path, [NUMPY, committed()]) == []


def test_a_module_of_the_package_that_is_called_cupy_is_not_the_library(tmp_path):
    path = tmp_path / "own.py"
    path.write_text("from minigan.backends import cupy\ncupy.open_cupy()\n", "utf-8")
    assert misfits(path, [committed()]) == []


def test_an_entry_of_a_python_function_binds_what_the_function_binds():
    def python(a, /, b, *c, d, e=None, **f): ...

    def plain(a, b=3, *, c="x"): ...

    for function in (python, plain):
        read = signature(entry(function, function.__name__))
        assert str(read) == str(inspect.signature(function))


def test_an_entry_of_a_compiled_function_is_the_first_line_of_its_docstring():
    class Compiled:
        """Compiled(str code=None, *, tuple options=(), int size=-1, dtype=<class 'x'>) -> Any

        More about it.
        """

        __signature__ = "none that inspect can read"

    assert entry(Compiled, "Compiled") == "(code=None, *, options=(), size=-1, dtype=None)"


def test_the_scan_reads_hundreds_of_names_of_the_package():
    """With an empty library every call is a misfit, which shows that the scan reads the calls."""
    nothing = Library("cupy", "0", {}, {})
    known = Known.of(SOURCES)
    found = [m for path in SOURCES for m in misfits(path, [nothing], known)]
    assert len({(m.path, m.line, m.name) for m in found}) > 200
    assert {"maximum", "matmul", "empty", "vdot"} <= {m.name for m in found}
