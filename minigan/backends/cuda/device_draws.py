"""Draws on the device with the same bits as `Minibatches`, without copies in a step.

    x           rows gathered from the data, of which the device has a copy
    z           uniform prior: Philox on the device; another prior: drawn by the host
    masks       the bits of `draws.mask`: Philox on the device, all masks of a pass in one launch

The host draws the order of the data and the z of another prior; they are copied for many steps at
once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.backends.cuda.launcher import Launcher
from minigan.backends.cupy import copied_to_device
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches

AHEAD = 1 << 20  # largest number of bytes that are copied at once
STEPS_AHEAD = 256  # largest number of steps that are copied at once
ENTRIES = 16  # mask entries from one block of Philox


class DeviceDraws:
    """`minigan.draws.minibatches.Draws` on a device, equal to `host` bit for bit.

    Examples that are neither `Images` nor `Points` are gathered by the host and copied in each
    step.
    """

    def __init__(self, host: Minibatches, xp: Any, launch: Launcher) -> None:
        self._host, self._xp, self._launch = host, xp, launch
        examples = host.examples
        if type(examples) is Images:
            self._pixels = xp.asarray(np.ascontiguousarray(examples.pixels))
            self._scale = 1 / examples.white
        elif type(examples) is Points:
            self._points = xp.asarray(np.ascontiguousarray(examples.x))
        self._indices = Prefetch(lambda step: host.indices(step).astype(np.int32), xp)
        self._z: dict[str, Array] = {}
        self._z_of_host: dict[str, Prefetch] = {}
        self._masks: dict[tuple[str, int], Masks] = {}

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        xp, kind, m = self._xp, type(self._host.examples), self._host.m
        if kind not in (Images, Points):
            return copied_to_device(self._host.data(step), xp, out)
        indices = self._indices(step)
        if kind is Points:
            x: Array = xp.take(self._points, indices, axis=0, out=out)
            return x
        N, n = self._pixels.shape
        x = xp.empty((m, n), dtype=np.float32) if out is None else out
        self._launch.each("gather", m * n, self._pixels, indices, self._scale, x, N, m, n)
        return x

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size), in a buffer of this player."""
        host, stream = self._host, f"noise/{player}"
        if host.prior is not noise.uniform:
            if player not in self._z_of_host:
                self._z_of_host[player] = Prefetch(lambda step: host.noise(player, step), self._xp)
            return self._z_of_host[player](step)
        if player not in self._z:
            self._z[player] = self._xp.empty((host.m, host.z_size), dtype=np.float32)
        z = self._z[player]
        key = draws.key(stream)
        threads = -(-z.size // 8)
        self._launch.each("uniform_noise", threads, host.seed, key, step, math.sqrt(3), z, z.size)
        return z

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """A mask (rows, width) for each dropout layer of D, in buffers of this player."""
        host = self._host
        if not host.mask_sizes:
            return []
        if (player, rows) not in self._masks:
            self._masks[player, rows] = Masks.of(host, player, rows, self._xp)
        masks = self._masks[player, rows]
        layers = len(masks.views)
        blocks = len(masks.entries) // ENTRIES
        self._launch.each(
            *("masks", blocks, host.seed, masks.streams, step, masks.least, masks.first),
            *(masks.entries, layers, blocks),
        )
        return masks.views


@dataclass
class Prefetch:
    """Arrays that the host draws, one per step; many steps are copied to the device at once."""

    draw: Callable[[int], Array]
    xp: Any
    _start: int = field(init=False, default=-1)
    _drawn: Any = field(init=False, default=None)

    def __call__(self, step: int) -> Array:
        """The array of a step. A later call for another group of steps overwrites it."""
        steps = 1 if self._drawn is None else len(self._drawn)
        if self._drawn is None or not self._start <= step < self._start + steps:
            if self._drawn is None:
                steps = min(max(AHEAD // self.draw(step).nbytes, 1), STEPS_AHEAD)
            self._start = step - step % steps
            ahead = np.stack([self.draw(s) for s in range(self._start, self._start + steps)])
            if self._drawn is None:
                self._drawn = self.xp.asarray(ahead)
            else:
                self._drawn.set(ahead)
        x: Array = self._drawn[step - self._start]
        return x


@dataclass(frozen=True)
class Masks:
    """The masks of one pass, stored one after the other.

    entries    memory of all masks, in blocks of 16 entries
    first      the number of the first block of each mask; then the number of all blocks
    streams    the key of each mask's stream
    least      the threshold of each mask: an entry is kept if its 16-bit number is smaller
    views      each mask, as a view of `entries` with its shape
    """

    streams: Array
    least: Array
    first: Array
    entries: Array
    views: list[Array]

    @classmethod
    def of(cls, host: Minibatches, player: str, rows: int, xp: Any) -> Masks:
        """The buffers for passes of `rows` rows of a player."""
        sizes = [rows * width for width, _ in host.mask_sizes]
        first = np.cumsum([0, *(-(-size // ENTRIES) for size in sizes)])
        keys = [draws.key(f"mask/{player}/{layer}") for layer in range(len(sizes))]
        least = [draws.threshold(keep) for _, keep in host.mask_sizes]
        entries = xp.empty(ENTRIES * int(first[-1]), dtype=bool)
        starts = [ENTRIES * int(block) for block in first[:-1]]
        return cls(
            xp.asarray(np.array(keys, dtype=np.uint64)),
            xp.asarray(np.array(least, dtype=np.int32)),
            xp.asarray(first.astype(np.int32)),
            entries,
            [
                entries[start : start + size].reshape(rows, width)
                for start, size, (width, _) in zip(starts, sizes, host.mask_sizes, strict=True)
            ],
        )
