"""The parameters theta of one network: one flat vector, and a named view of it for each tensor.

    theta.vector                              (size,): all numbers, used by the optimizer
    theta["linear1.W"], theta["linear1.b"]    views of the vector, used by the layers

With one vector, an update is one expression, and a checkpoint, a norm or an average of a network
is that of one array. A gradient is a `Parameters` object with the same names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from minigan.arrays import Array

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]


class Parameters(Mapping[str, Array]):
    """A flat vector with named views.

    `version` is the number of changes. A backward pass compares it with the version at its forward
    pass. Optimizers and `assign` increment it; code that writes to a view must call `changed`.
    """

    def __init__(self, shapes: Shapes, vector: Array) -> None:
        """Make a view of `vector` (size,) for each name, in the order of `shapes`.

        Raises ValueError if the sizes of the shapes do not sum to the size of the vector.
        """
        size = sum(math.prod(shape) for shape in shapes.values())
        if vector.shape != (size,):
            raise ValueError(f"the vector must have the shape {(size,)}, not {vector.shape}")
        self.shapes = dict(shapes)
        self._vector = vector
        self.version = 0
        self._views: dict[str, Array] = {}
        self._of_layer: dict[str, dict[str, Array]] = {}
        start = 0
        for name, shape in self.shapes.items():
            stop = start + math.prod(shape)
            self._views[name] = vector[start:stop].reshape(shape)
            layer, _, part = name.rpartition(".")
            self._of_layer.setdefault(layer, {})[part] = self._views[name]
            start = stop

    @property
    def vector(self) -> Array:
        """All numbers in one array (size,), of which the named parts are views."""
        return self._vector

    @vector.setter
    def vector(self, vector: Array) -> None:
        # theta.vector += g assigns the array itself; another one would leave the views behind.
        if vector is not self._vector:
            raise AttributeError("theta.vector cannot be replaced: write into it, or use assign")

    @classmethod
    def zeros(cls, shapes: Shapes, dtype: Any = np.float32, xp: Any = np) -> Parameters:
        """Parameters with all numbers 0, as an array of the module xp."""
        size = sum(math.prod(shape) for shape in shapes.values())
        return cls(shapes, xp.zeros(size, dtype=dtype))

    def changed(self) -> None:
        """Increment `version` after a change in place. Earlier traces become stale."""
        self.version += 1

    def assign(self, vector: Array) -> None:
        """Copy `vector` (size,) into the parameters, and increment `version`."""
        self.vector[...] = vector
        self.changed()

    def of(self, layer: str) -> Mapping[str, Array]:
        """The tensors of one layer by short name: `theta.of("linear1")["W"]`. May be empty."""
        return self._of_layer.get(layer, {})

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)
