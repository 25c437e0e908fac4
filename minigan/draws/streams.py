"""Every random number of a run is a pure function of (seed, stream, step).

    block n of (seed, stream, step) = Philox4x64-10 of the counter (n, step, 0, 0), n = 1, 2, ...
                                      under the key (seed, hash of the stream's name)

Philox is a counter-based generator: a block of four 64-bit words is a fixed scrambling of its
counter, with no state to carry from one block to the next. So a checkpoint holds no generator
state, draws can be made ahead of need or in any order, and a GPU can make the same bits; no two
steps of a stream overlap before 2^64 blocks, and two streams have different keys.

A stream is a name such as "noise/D" or "mask/G/0"; `step` counts the draws from it. The hash is
the first 8 bytes of the 64-byte BLAKE2b digest of the UTF-8 name, read as a little-endian integer.

These bits and the format of a mask are fixed: to change them would change every published result.
(Normal numbers and permutations are made from the bits by NumPy, whose methods may change.)
"""

from __future__ import annotations

import hashlib

import numpy as np

from minigan.arrays import Array


def philox(seed: int, stream: str, step: int) -> np.random.Philox:
    """The bits of one draw, from its first block on. 0 <= seed < 2^64, 0 <= step < 2^64.

    Raises ValueError for a seed or step outside its range.
    """
    if not (0 <= seed < 2**64 and 0 <= step < 2**64):
        raise ValueError(f"seed and step must lie in [0, 2^64), not {seed} and {step}")
    both = np.array([seed, key(stream)], dtype=np.uint64)
    # NumPy counts up before it scrambles: the first block is that of counter (1, step, 0, 0).
    counter = np.array([0, step, 0, 0], dtype=np.uint64)
    return np.random.Philox(key=both, counter=counter)


def key(stream: str) -> int:
    """The hash of a stream's name: the second half of Philox's key."""
    return int.from_bytes(hashlib.blake2b(stream.encode()).digest()[:8], "little")


def generator(seed: int, stream: str, step: int) -> np.random.Generator:
    """A NumPy generator that starts at the draw's first block; hand it to one draw only."""
    return np.random.Generator(philox(seed, stream, step))


def mask(seed: int, stream: str, step: int, shape: tuple[int, int], keep: float) -> Array:
    """A dropout mask: True with probability round(65536 keep) / 65536, boolean, of `shape`.

    Each 64-bit word of the stream gives four 16-bit numbers, lowest bits first, to four
    neighbouring entries in row-major order; an entry is kept where its number is less than
    round(65536 keep). (With 8 bits a keep of 0.8 would be 0.801; with 16 it is 0.800003.)
    """
    size = shape[0] * shape[1]
    words = philox(seed, stream, step).random_raw((size + 3) // 4)
    numbers = words.astype("<u8", copy=False).view("<u2")[:size].reshape(shape)
    kept: Array = numbers < threshold(keep)
    return kept


def threshold(keep: float) -> int:
    """round(65536 keep): an entry of a mask is kept where its 16-bit number is less."""
    return round(65536 * keep)
