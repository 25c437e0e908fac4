"""A square window moves over an image in steps: the index arithmetic of three layers.

    pixel (h, w) under place (u, v) of the window at position (p, q):    h = s p + u - pad
                                                                         w = s q + v - pad

s is the stride. All indices begin at 0. Pixels outside the image are padding. The last position is
the first that reaches the end of the padded image, so every pixel is in a window:

    positions along a length = ceil((length + 2 pad - size) / s) + 1

Example: an image 4 pixels wide, size = 3, s = 2, pad = 1. There are ceil(3 / 2) + 1 = 3 positions.

    column       -1    0    1    2    3    4    5
    q = 0         v0   v1   v2                              column -1 is padding
    q = 1                   v0   v1   v2
    q = 2                             v0   v1   v2          columns 4 and 5 are not in the image

A row of x (m, n) holds an image of height * width pixels of C numbers each. The channel is the last
index: the number of pixel (h, w) and channel c is (h * width + w) * C + c.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Windows:
    """The positions of a window of size * size pixels on images of height * width pixels.

    Raises ValueError unless 1 <= stride <= size, 0 <= pad < size, and the window fits into the
    padded image.
    """

    height: int
    width: int
    size: int
    stride: int = 1
    pad: int = 0

    def __post_init__(self) -> None:
        height, width, size = self.height, self.width, self.size
        if min(height, width, size) < 1:
            raise ValueError(
                f"an image and a window need at least one pixel, not {height} x {width} and "
                f"{size} x {size}"
            )
        if not 1 <= self.stride <= size:
            raise ValueError(
                f"the stride of a window of {size} x {size} must be from 1 to {size}, not "
                f"{self.stride}: with a larger one, some pixels are in no window"
            )
        if not 0 <= self.pad < size:
            raise ValueError(
                f"the padding for a window of {size} x {size} must be from 0 to {size - 1}, not "
                f"{self.pad}"
            )
        if size > min(height, width) + 2 * self.pad:
            raise ValueError(
                f"a window of {size} x {size} is larger than an image of {height} x {width} with "
                f"{self.pad} pixels of padding"
            )

    @property
    def rows(self) -> int:
        """The number of positions p, from the top to the bottom."""
        return self._positions(self.height)

    @property
    def columns(self) -> int:
        """The number of positions q, from left to right."""
        return self._positions(self.width)

    @property
    def positions(self) -> int:
        """The number of positions (p, q)."""
        return self.rows * self.columns

    @property
    def covered(self) -> tuple[int, int]:
        """The height and the width of what the windows cover together, with the padding."""
        return (
            self.stride * (self.rows - 1) + self.size,
            self.stride * (self.columns - 1) + self.size,
        )

    def channels(self, n: int) -> int:
        """C for images of n numbers. Raises ValueError if n is no multiple of height * width."""
        channels, rest = divmod(n, self.height * self.width)
        if rest or not channels:
            raise ValueError(
                f"images of {self.height} x {self.width} pixels have a multiple of "
                f"{self.height * self.width} numbers, not {n}"
            )
        return channels

    def _positions(self, length: int) -> int:
        return -((self.size - length - 2 * self.pad) // self.stride) + 1
