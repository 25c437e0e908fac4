"""The stand-in's ufuncs: NumPy computes, each call is one launch, with CuPy's few keywords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softgpu.allocation import Gpu, may_overlap
from softgpu.entries import UFUNC_KEYWORDS, ufunc_sizes
from softgpu.held import Held, need_held, read_operand
from softgpu.indexing import note_hidden_copy
from softgpu.refusals import NotInStandIn, RefusedByCuPy
from softgpu.standin_array import ndarray


class Ufunc:
    """A ufunc such as `cupy.add`: f(x, ..., out=None, dtype=None, casting="same_kind")."""

    def __init__(self, gpu: Gpu, name: str, entry: str) -> None:
        self.gpu, self.name = gpu, name
        self.nin, self.nargs = ufunc_sizes(entry)
        self._function = getattr(np, name)
        if self.nargs != self.nin + 1:
            raise NotInStandIn(f"cupy.{name} has several outputs, which is not implemented")

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        wrong = sorted(set(options) - UFUNC_KEYWORDS["cupy"])
        if wrong:
            raise RefusedByCuPy(f"cupy.{self.name}: Wrong arguments {', '.join(wrong)}")
        if not self.nin <= len(arguments) <= self.nargs:
            raise RefusedByCuPy(f"cupy.{self.name}: Wrong number of arguments: {len(arguments)}")
        inputs, out = arguments[: self.nin], options.pop("out", None)
        if len(arguments) > self.nin:
            if out is not None:
                raise RefusedByCuPy(
                    "Cannot specify 'out' both as a positional and keyword argument"
                )
            out = arguments[self.nin]
        numbers = [read_operand(x) for x in inputs]
        with np.errstate(all="ignore"):  # a GPU does not warn
            if out is None:
                return launched(self.gpu, self.name, self._function(*numbers, **options))
            return self._into(need_held(out, "out"), inputs, numbers, options)

    def _into(
        self, out: Held, inputs: Sequence[Any], numbers: list[Any], options: dict[str, Any]
    ) -> Held:
        shape = np.broadcast_shapes(out.host.shape, *(np.shape(x) for x in numbers))
        if out.host.shape != shape:
            raise ValueError(f"Out shape is mismatched: {out.host.shape} for {shape}")
        for x in inputs:
            # CuPy tests for the same object, not for the same memory.
            if isinstance(x, Held) and x is not out and may_overlap(x.host, out.host):
                note_hidden_copy(x, f"{self.name}: an input overlaps out and is another object")
        result = self._function(*numbers, **options)
        if not np.can_cast(result.dtype, out.host.dtype, options.get("casting", "same_kind")):
            raise RefusedByCuPy(f"Cannot cast {result.dtype} to the {out.host.dtype} of out")
        self._function(*numbers, out=out.written(), **options)
        self.gpu.launch(self.name, out.host)
        return out


def launched(gpu: Gpu, name: str, numbers: Any) -> Any:
    """A new array with the result of a launch."""
    made = ndarray.holding(gpu, np.array(numbers, order="C"))
    gpu.launch(name, made.host)
    return made
