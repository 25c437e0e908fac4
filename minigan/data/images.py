"""A set of grey images and their labels, kept as small integers until they enter a minibatch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array


@dataclass(frozen=True)
class Images:
    """`pixels` (N, n) uint8 from 0 (black) to `white`, `labels` (N,), n = height * width."""

    pixels: Array
    labels: Array
    white: int
    height: int
    width: int

    def __len__(self) -> int:
        """The number of images N."""
        return len(self.pixels)

    def __getitem__(self, rows: slice) -> Images:
        """The images of a slice."""
        return Images(self.pixels[rows], self.labels[rows], self.white, self.height, self.width)

    def gather(self, indices: Array) -> Array:
        """x (m, n) float32 in [0, 1]: the images with these m indices."""
        return self.pixels[indices].astype(np.float32) * np.float32(1 / self.white)

    def all(self) -> Array:
        """x (N, n) float32 in [0, 1]: every image."""
        return self.gather(np.arange(len(self)))
