"""Images with labels. Pixels are stored as uint8 and converted to float32 per minibatch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minigan.arrays import Array


@dataclass(frozen=True)
class Images:
    """`pixels` (N, n) uint8 from 0 (black) to `white`, and `labels` (N,).

    `classes` are the names of the labels; if there are none, label 3 is called "3".

    n = height * width * channels, in row-major order; channels is 1 (grey) or 3 (red, green, blue).
    """

    pixels: Array
    labels: Array
    white: int
    height: int
    width: int
    channels: int = 1
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """The number of images N."""
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return self.height, self.width, self.channels

    @property
    def numbers(self) -> Array:
        """The pixels as they are stored, (N, n) uint8."""
        return self.pixels

    def __getitem__(self, rows: slice) -> Images:
        """The images of a slice."""
        return replace(self, pixels=self.pixels[rows], labels=self.labels[rows])

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """x (m, n) float32 in [0, 1]: the images with these m indices, in `out` if given."""
        x: Array = np.multiply(self.pixels[indices], np.float32(1 / self.white), out=out)
        return x

    def all(self) -> Array:
        """x (N, n) float32 in [0, 1]: every image."""
        return self.gather(np.arange(len(self)))

    def mean(self) -> Array:
        """The mean of each pixel over all images, (n,) float64 in [0, 1]."""
        mean: Array = self.pixels.mean(axis=0, dtype=np.float64) / self.white
        return mean
