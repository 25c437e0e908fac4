"""Array methods that change the shape, order or dtype; they return a view if possible."""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.held import Held
from softgpu.indexing import copy_into
from softgpu.refusals import NotInStandIn


class Shapes(Held):
    """Methods of the stand-in's array that do not compute new numbers."""

    def fill(self, value: Any) -> None:
        """Set every element to a scalar."""
        if isinstance(value, Held):
            raise NotInStandIn("fill with an array")
        copy_into(self, value)

    def view(self, dtype: Any = None) -> Any:
        """The same memory, read as another dtype."""
        return self.view_of(self.host.view() if dtype is None else self.host.view(np.dtype(dtype)))

    def transpose(self, *axes: Any) -> Any:
        """The same memory with the axes in another order."""
        return self.view_of(self.host.transpose(*axes))

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """The same memory with two axes swapped."""
        return self.view_of(self.host.swapaxes(axis1, axis2))

    def squeeze(self, axis: Any = None) -> Any:
        """The same memory without axes of length 1."""
        return self.view_of(self.host.squeeze(axis))

    def reshape(self, *shape: Any) -> Any:
        """The same memory in another shape; a copy if it is not contiguous."""
        wanted = np.broadcast_to(np.empty(()), self.host.shape).reshape(*shape).shape
        try:
            return self.view_of(np.reshape(self.host, wanted, copy=False))
        except ValueError:  # it has no view of this shape
            return self.copy().reshape(wanted)

    def ravel(self) -> Any:
        """A one-dimensional array: a view if the memory is contiguous."""
        return self.reshape(-1)

    def flatten(self) -> Any:
        """A one-dimensional copy."""
        return self.copy().reshape(-1)

    def copy(self) -> Any:
        """A copy in new memory."""
        made = self.empty(self.gpu, self.host.shape, self.host.dtype)
        copy_into(made, self)
        return made

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: Any = None,
        subok: Any = None,
        copy: bool = True,
    ) -> Any:
        """A copy with another dtype; with copy=False, self if the dtype is the same."""
        if not copy and np.dtype(dtype) == self.host.dtype:
            return self
        with np.errstate(all="ignore"):
            made = self.holding(self.gpu, self.read().astype(dtype))
        self.gpu.launch("astype", self.host)
        return made
