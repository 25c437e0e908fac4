"""Compute the random bits of a draw as a pure function of (seed, stream, step).

    block n of (seed, stream, step) = Philox4x64-10 of the counter (n, step, 0, 0), n = 1, 2, ...
                                      with the key (seed, hash of the stream's name)

Philox is a counter-based generator: it maps a counter to a block of four 64-bit words and has no
state. Therefore a checkpoint stores no generator state, draws can be computed in advance and in any
order, and a GPU can compute the same bits. Two steps of a stream do not overlap before 2^64 blocks,
and two streams have different keys.

A stream is a name such as "noise/D" or "mask/G/0"; `step` is the number of the draw in the stream.
The hash is the first 8 bytes of the 64-byte BLAKE2b digest of the UTF-8 name, read as a
little-endian integer.

The bits and the mask format must not change, because every result in docs/results depends on them.
(NumPy computes normal numbers and permutations from the bits; its methods may change.)
"""

from __future__ import annotations

import hashlib

import numpy as np

from minigan.arrays import Array


def philox(seed: int, stream: str, step: int, block: int = 0) -> np.random.Philox:
    """The bit generator of one draw, after `block` blocks; 0 <= seed < 2^64, 0 <= step < 2^64.

    Raises ValueError for a seed or step out of range.
    """
    if not (0 <= seed < 2**64 and 0 <= step < 2**64):
        raise ValueError(f"seed and step must be in [0, 2^64), but are {seed} and {step}")
    both = np.array([seed, key(stream)], dtype=np.uint64)
    # NumPy increments the counter first: the first block is that of counter (1, step, 0, 0).
    counter = np.array([block, step, 0, 0], dtype=np.uint64)
    return np.random.Philox(key=both, counter=counter)


def key(stream: str) -> int:
    """The hash of a stream's name: the second half of Philox's key."""
    return int.from_bytes(hashlib.blake2b(stream.encode()).digest()[:8], "little")


def generator(seed: int, stream: str, step: int) -> np.random.Generator:
    """A NumPy generator at the first block of the draw. Use it for this draw only."""
    return np.random.Generator(philox(seed, stream, step))


def mask(
    seed: int, stream: str, step: int, shape: tuple[int, int], keep: float, first: int = 0
) -> Array:
    """A dropout mask of `shape`, boolean: True with probability round(65536 keep) / 65536.

    Each 64-bit word of the stream is split into four 16-bit numbers, lowest bits first, for four
    consecutive entries in row-major order. An entry is True if its number is less than
    round(65536 keep). (With 8 bits, keep = 0.8 would be rounded to 0.801; with 16, to 0.800003.)

    first: the number of entries before this mask, if it is a part of a larger mask. They are not
    computed: a block has 16 entries, and the counter starts at any block.
    """
    block, skipped = divmod(first, 16)
    stop = skipped + shape[0] * shape[1]
    words = philox(seed, stream, step, block).random_raw((stop + 3) // 4)
    numbers = words.astype("<u8", copy=False).view("<u2")[skipped:stop].reshape(shape)
    kept: Array = numbers < threshold(keep)
    return kept


def threshold(keep: float) -> int:
    """round(65536 keep): an entry of a mask is True if its 16-bit number is less than this."""
    return round(65536 * keep)
