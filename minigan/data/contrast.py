"""Global contrast normalisation: each image with mean 0 and one Euclidean norm, and its inverse.

    y = c (x - mean(x)) / |x - mean(x)|          mean and norm over all n numbers of one image
    picture = (1 + y / s) / 2                    s = max |y| over the images that are shown

A norm below 1e-8 divides by 1, so an image of one colour becomes 0. The published configuration of
CIFAR-10 has c = 55: the root mean square of a number is 55 / sqrt(3072) = 0.992. In a picture 0 is
grey. The mean brightness and the contrast of an image cannot be restored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images

SMALLEST = 1e-8  # on the scale of the stored pixels
ROWS = 1_000


@dataclass(frozen=True)
class NormalisedImages(Images):
    """Images that `gather` normalises; `pixels` are still uint8. `contrast` is c."""

    contrast: float = 55.0

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """y (m, n) float32: the normalised images with these m indices, in `out` if given."""
        return normalised(self.pixels[indices], self.contrast, out=out)

    def all(self) -> Array:
        """y (N, n) float32: every image. Needs no more memory than the result and 1,000 images."""
        y = np.empty(self.pixels.shape, np.float32)
        for start in range(0, len(y), ROWS):
            rows = slice(start, start + ROWS)
            normalised(self.pixels[rows], self.contrast, out=y[rows])
        return y

    def mean(self) -> Array:
        """The mean of each number over all images, (n,) float64."""
        mean: Array = self.all().mean(axis=0, dtype=np.float64)
        return mean


def normalised(x: Array, contrast: float, *, out: Array | None = None) -> Array:
    """y (N, n) float32 of the images x (N, n). The norm c is `contrast`."""
    y: Array = np.subtract(x, x.mean(axis=1, dtype=np.float64)[:, None], out=out, dtype=np.float32)
    norm = np.sqrt(np.einsum("ij,ij->i", y, y, dtype=np.float64))
    norm[norm < SMALLEST] = 1
    y *= (contrast / norm)[:, None].astype(np.float32)
    return y


def picture_values(y: Array, largest: float | None = None) -> Array:
    """Numbers around 0 as pixels in [0, 1], where 0 is 1/2. `largest` is s, by default of `y`."""
    s = float(np.abs(y).max(initial=0)) if largest is None else largest
    values: Array = (1 + y / np.float32(s or 1)) / 2
    return values
