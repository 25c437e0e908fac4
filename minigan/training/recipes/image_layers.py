"""The layers for images of a recipe: `discriminator.convolutions` and `generator.deconvolutions`.

    convolutions = [{ channels = 32, pieces = 2, kernel = 8, pad = 4, pool = 4, pool_stride = 2 }]
    map = [10, 10]
    deconvolutions = [{ channels = 3, kernel = 5, stride = 3 }]

A convolution of D is followed by maxout over `pieces` channels, and by max pooling with windows of
`pool` pixels. G reads its last hidden layer as a map of so many rows and columns, with the channels
that result.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.system.values import within

LARGEST = 1000  # pixels of a window


@dataclass(frozen=True)
class ConvolutionSettings:
    """A convolution of D, its maxout, and its max pooling (pool = 1: no pooling)."""

    channels: int
    pieces: int
    kernel: int
    pad: int = 0
    pool: int = 1
    pool_stride: int = 1

    def __post_init__(self) -> None:
        kernel, pool = f"kernel = {self.kernel}", f"pool = {self.pool}"
        within("discriminator.convolutions: channels", self.channels, 1, 100_000)
        within("discriminator.convolutions: pieces", self.pieces, 1, 1000)
        within("discriminator.convolutions: kernel", self.kernel, 1, LARGEST)
        within("discriminator.convolutions: pad", self.pad, 0, self.kernel - 1, kernel)
        within("discriminator.convolutions: pool", self.pool, 1, LARGEST)
        within("discriminator.convolutions: pool_stride", self.pool_stride, 1, self.pool, pool)


@dataclass(frozen=True)
class DeconvolutionSettings:
    """A deconvolution of G; `tied`: its bias has one number per channel, not one per output."""

    channels: int
    kernel: int
    stride: int
    pad_out: int = 0
    tied: bool = False

    def __post_init__(self) -> None:
        kernel = f"kernel = {self.kernel}"
        within("generator.deconvolutions: channels", self.channels, 1, 100_000)
        within("generator.deconvolutions: kernel", self.kernel, 1, LARGEST)
        within("generator.deconvolutions: stride", self.stride, 1, self.kernel, kernel)
        within("generator.deconvolutions: pad_out", self.pad_out, 0, self.kernel - 1, kernel)
