"""All parameters of one network in one flat vector theta, with a name for each part.

    theta.vector                          every number, one after the other: what an optimiser sees
    theta["linear1.W"], theta["linear1.b"]   views of it: what the layers see

One vector means that an update is one expression over one array, and that a checkpoint, a norm
or an average of a network is that of one array. A gradient is a `Parameters` of the same names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from minigan.arrays import Array

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]


class Parameters(Mapping[str, Array]):
    """A flat vector and its named views.

    `version` counts the changes: a backward pass compares it with the version that its forward
    pass saw. Optimisers and `assign` count; whoever writes through a view says so by `changed`.
    """

    def __init__(self, shapes: Shapes, vector: Array) -> None:
        """Name the parts of `vector` (size,), in the order of `shapes`.

        Raises ValueError where the sizes do not add up.
        """
        size = sum(math.prod(shape) for shape in shapes.values())
        if vector.shape != (size,):
            raise ValueError(f"the shapes need a vector of {size} numbers, not {vector.shape}")
        self.shapes = dict(shapes)
        self.vector = vector
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

    @classmethod
    def zeros(cls, shapes: Shapes, dtype: Any = np.float32, xp: Any = np) -> Parameters:
        """Parameters that are all 0, in the array module xp."""
        size = sum(math.prod(shape) for shape in shapes.values())
        return cls(shapes, xp.zeros(size, dtype=dtype))

    def changed(self) -> None:
        """Say that the numbers were changed in place: traces made before are stale from now on."""
        self.version += 1

    def assign(self, vector: Array) -> None:
        """Overwrite all numbers with those of `vector` (size,), and say so."""
        self.vector[...] = vector
        self.changed()

    def of(self, layer: str) -> Mapping[str, Array]:
        """The parts of one layer by their short names: `theta.of("linear1")["W"]`; may be none."""
        return self._of_layer.get(layer, {})

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)
