"""Read randomly damaged IDX files: each is refused with one sentence, or has its original content.

    python tests/tools/fuzz_idx.py [N] [FOLDER]

Reads N damaged files (default: 5000) of a small synthetic data set, or of the MNIST test set in
FOLDER, and prints the results for each kind of damage. The damage of a gzip file is in the
compressed or in the decompressed bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import random
import struct
import sys
import tempfile
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from minigan.data import idx, paths
from minigan.data.catalogue import MNIST, DataFile
from minigan.errors import UserError

GZIP = b"\x1f\x8b"


@lru_cache(maxsize=8)
def pack(data: bytes, level: int = 1) -> bytes:
    """One gzip member."""
    return gzip.compress(data, level, mtime=0)


@lru_cache(maxsize=8)
def unpack(data: bytes) -> bytes:
    """The plain bytes of a file, gzip or plain."""
    return gzip.decompress(data) if data.startswith(GZIP) else data


@lru_cache(maxsize=8)
def bomb(start: bytes, zeros: int) -> bytes:
    """A gzip member of `start` and then this number of zeros; needs little memory."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    block = bytes(1 << 16)
    parts = [packer.compress(start)]
    parts += [packer.compress(block) for _ in range(zeros // len(block))]
    return b"".join([*parts, packer.flush()])


def some(rng: random.Random, data: bytes) -> tuple[int, int]:
    """Start and stop of a random block of the data, of at least one byte."""
    start = rng.randrange(len(data))
    return start, rng.randrange(start, min(len(data), start + 1 + len(data) // 4)) + 1


def flip_bits(rng: random.Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for bit in rng.sample(range(8 * len(data)), rng.choice((1, 1, 2, 8))):
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def replace_bytes(rng: random.Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for place in rng.sample(range(len(data)), rng.choice((1, 2, 16))):
        changed[place] ^= rng.randrange(1, 256)
    return bytes(changed)


def cut(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: rng.choice((rng.randrange(len(data)), len(data) - 1, rng.randrange(1, 20)))]


def extend(rng: random.Random, data: bytes, other: bytes) -> bytes:
    size = rng.choice((1, 2, 64, 5000))
    return data + rng.choice((bytes(size), rng.randbytes(size), data[:size], data, other))


def lie_in_header(rng: random.Random, data: bytes, other: bytes) -> bytes:
    place = 4 * rng.randint(1, data[3] if data[3] < 4 else 3)
    (true,) = struct.unpack_from(">I", data, place)
    wrong = {0, 1, true - 1, true + 1, 2**31 - 1, 2**31, 2**32 - 1, rng.getrandbits(32)} - {true}
    return data[:place] + struct.pack(">I", rng.choice(sorted(wrong))) + data[place + 4 :]


def change_magic(rng: random.Random, data: bytes, other: bytes) -> bytes:
    place = rng.randrange(4)
    return data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :]


def swap_files(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return other


def zero_block(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = some(rng, data)
    return data[:start] + bytes(end - start) + data[end:]


def double_block(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = some(rng, data)
    return data[:end] + data[start:]


def remove_block(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = some(rng, data)
    return data[:start] + data[end:]


def exchange_blocks(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = some(rng, data)
    middle = rng.randint(start, end)
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def empty(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return b""


def noise(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: rng.choice((0, 0, 2, 4, 10))] + rng.randbytes(len(data))


def pack_twice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return pack(pack(data))


def change_gzip_flags(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[:3] + bytes([rng.randrange(1, 256)]) + data[4:]


def change_gzip_time(rng: random.Random, data: bytes, other: bytes) -> bytes:
    return data[:4] + rng.randbytes(6) + data[10:]


def name_gzip(rng: random.Random, data: bytes, other: bytes) -> bytes:
    name = bytes(rng.randrange(1, 256) for _ in range(rng.choice((0, 9, 3000))))
    return data[:3] + b"\x08" + data[4:10] + name + rng.choice((b"\0", b"\0", b"")) + data[10:]


def change_gzip_trailer(rng: random.Random, data: bytes, other: bytes) -> bytes:
    place = rng.randrange(len(data) - 8, len(data))
    return data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :]


def join_members(rng: random.Random, data: bytes, other: bytes) -> bytes:
    plain = unpack(data)
    middle = rng.randrange(len(plain) + 1)
    return rng.choice((
        pack(plain[:middle]) + pack(plain[middle:]),
        pack(plain[middle:]) + pack(plain[:middle]),
        data + pack(b""),
        pack(b"") * rng.randint(1, 300) + data,
        data + data,
        data + pack(b"\0"),
    ))  # fmt: skip


def plant_bomb(rng: random.Random, data: bytes, other: bytes) -> bytes:
    plain = unpack(data)
    lie = plain[:4] + b"\xff" * 4 * plain[3]
    return bomb(rng.choice((plain, plain[: 4 + 4 * plain[3]], lie, b"")), 1 << 23)


Damage = Callable[[random.Random, bytes, bytes], bytes]

# Damage for any file, for a plain IDX file, and for a gzip file.
ANY: tuple[Damage, ...] = (
    flip_bits, replace_bytes, cut, extend, swap_files, zero_block, double_block, remove_block,
    exchange_blocks, empty, noise, pack_twice,
)  # fmt: skip
PLAIN: tuple[Damage, ...] = (lie_in_header, change_magic)
PACKED: tuple[Damage, ...] = (
    change_gzip_flags, change_gzip_time, name_gzip, change_gzip_trailer, join_members, plant_bomb,
)  # fmt: skip
# With every seed, these destroy the content of the original file.
FATAL = (cut, lie_in_header, change_magic, swap_files, empty, noise, pack_twice, plant_bomb)


def damaged(seed: int, original: bytes, other: bytes) -> tuple[str, bytes]:
    """The name of the damage that the seed chooses, and the damaged file (or `other`)."""
    rng = random.Random(seed)
    damage = rng.choice((*ANY, *PLAIN, *PACKED))
    is_packed = original.startswith(GZIP)
    if damage in PACKED:
        return damage.__name__, damage(rng, original if is_packed else pack(original), other)
    if is_packed and (damage in PLAIN or rng.random() < 0.5):
        return damage.__name__, pack(damage(rng, unpack(original), unpack(other)))
    return damage.__name__, damage(rng, original, other)


@dataclass
class CheckResult:
    """The results: counts by (kind, "refused", "harmless" or "wrong"), and all wrong results.

    `beside` is the largest peak memory of a read, in bytes, without the memory of the array.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    beside: int = 0


def attempt(path: Path, file: DataFile, data: bytes, original: bytes) -> tuple[str, int]:
    """Read `data`; return the result and the peak memory in bytes, without the array.

    The result is "refused", "harmless", or a description of the wrong behaviour.
    """
    path.write_bytes(data)
    array, error = None, None
    tracemalloc.start()
    try:
        array = idx.read(path, file)
    except Exception as caught:
        error = caught
    beside = tracemalloc.get_traced_memory()[1] - math.prod(file.shape)
    tracemalloc.stop()
    if array is not None:
        plain = unpack(original)
        same = array.tobytes() == plain[-array.size :] and unpack(data) == plain
        return "harmless" if same else "accepted", beside
    sentence = str(error)
    clear = sentence.isprintable() and str(path) in sentence and sentence.endswith("it again")
    return "refused" if isinstance(error, UserError) and clear else f"raised {error!r}", beside


def attack(files: list[tuple[DataFile, bytes, bytes]], seeds: range, folder: Path) -> CheckResult:
    """Damage and read the files (description, bytes, bytes of another file), one for each seed."""
    outcome = CheckResult()
    for seed in seeds:
        file, original, other = files[seed % len(files)]
        kind, data = damaged(seed, original, other)
        result, beside = attempt(folder / "damaged", file, data, original)
        outcome.beside = max(outcome.beside, beside)
        if result not in ("refused", "harmless"):
            outcome.wrong.append(f"{kind}, seed {seed}, {file.name}: {result}")
            result = "wrong"
        outcome.counts[kind, result] += 1
    return outcome


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def synthetic() -> list[tuple[DataFile, bytes, bytes]]:
    """40 images of 7 x 6 pixels and their labels, plain and compressed."""
    rng = np.random.default_rng(0)
    images = idx_bytes(np.maximum(rng.integers(-256, 256, (40, 7, 6)), 0).astype(np.uint8))
    labels = idx_bytes(rng.integers(0, 10, 40, dtype=np.uint8))
    both = [
        (DataFile("images", (40, 7, 6), hashlib.md5(images).hexdigest()), images, labels),
        (DataFile("labels", (40,), hashlib.md5(labels).hexdigest()), labels, images),
    ]
    return both + [(file, pack(data), pack(other)) for file, data, other in both]


def real(folder: Path) -> list[tuple[DataFile, bytes, bytes]]:
    """The MNIST test images and labels in the folder."""
    files = (MNIST.test_images, MNIST.test_labels)
    images, labels = (paths.path_of(folder, file).read_bytes() for file in files)
    return [(files[0], images, labels), (files[1], labels, images)]


def main(tries: int, folder: Path | None) -> None:
    """Print a table with the results for each kind of damage."""
    files = synthetic() if folder is None else real(folder)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        outcome = attack(files, range(tries), Path(scratch))
    counts = outcome.counts
    print(f"{'kind':<20} {'refused':>8} {'harmless':>9} {'wrong':>6}")
    for kind in [*sorted({kind for kind, _ in counts}), "all"]:
        row = [
            sum(n for (k, result), n in counts.items() if result == column and kind in (k, "all"))
            for column in ("refused", "harmless", "wrong")
        ]
        print(f"{kind:<20} {row[0]:>8} {row[1]:>9} {row[2]:>6}")
    seconds = time.perf_counter() - start
    print(f"{seconds:.0f} s, at most {outcome.beside / 1000:.0f} kB in addition to the array")
    print("\n".join(outcome.wrong[:20]))


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 5000,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
