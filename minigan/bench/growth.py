"""How time and memory grow: with the minibatch, the width, the images, and the iterations.

    named     theta, v, gradients and traces of the game, MB (1e6 bytes)
    beyond    the peak of an iteration beyond `named` and the data: draws, masks, temporaries
    left      what is there after all iterations and was not after the first: 0 where none grows

These are counted by `tracemalloc`, to which NumPy reports every array. What a whole process takes
is counted by the system, in a process of its own (`resident`).
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.bench.iteration import CHECK, player, verified
from minigan.bench.setting import SIDE, game, mnist_2014, random_images
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import measure, repeated
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.trace import Trace
from minigan.training.recipes import Recipe

IMAGES = 10_000
USUAL = 100
MB = 1e6
SIZES = (
    Column("m", key=True),
    Column("width", key=True),
    Column("parameters"),
    *TIMES,
    Column("named", "MB"),
    Column("beyond", "MB", ratio=True),
    Column("left", "MB"),
    Column("check"),
    Column("max difference"),
)
RESIDENT = (
    Column("images", key=True),
    Column("iterations", key=True),
    Column("mean", "ms", ratio=True),
    Column("own memory", "MB", ratio=True),
    Column("pages of the file", "MB"),
    Column("peak of both", "MB"),
    Column("check"),
    Column("max difference"),
)


@dataclass(frozen=True)
class Memory:
    """Bytes of one game; the words are those of this file's first lines."""

    named: int
    beyond: int
    left: int


def by_size(
    batches: Sequence[int], widths: Sequence[float], *, schedule: str, rounds: int, at_least: float
) -> Table:
    """Every minibatch size at the first width, then every width: so many times the hidden units."""
    usual = min(USUAL, max(batches))
    cases = {(m, widths[0]): None for m in batches} | {(usual, width): None for width in widths}
    images = random_images(max(IMAGES, *batches))
    rows: list[TableRow] = []
    for m, width in cases:
        recipe = mnist_2014(schedule, m, width)
        difference = verified(recipe, images)
        played = game(recipe, images)
        timed = measure(
            {"iteration": repeated(player(recipe, played))}, rounds=rounds, at_least=at_least
        )["iteration"]
        memory = memory_of(recipe, images)
        parameters = sum(len(p.theta.vector) for p in (played.player_g, played.player_d))
        in_MB = (memory.named / MB, memory.beyond / MB, memory.left / MB)
        rows.append((m, width, parameters, *timed.milliseconds(), *in_MB, CHECK, difference))
    title = f"How one iteration grows ({schedule})"
    return Table("growth by size", title, SIZES, tuple(rows))


def memory_of(recipe: Recipe, images: Images, iterations: int = 5) -> Memory:
    """What a game takes from its making to the end of some iterations, counted array by array."""
    tracemalloc.start()
    try:
        start, _ = tracemalloc.get_traced_memory()
        played = game(recipe, images)
        play = player(recipe, played)
        play()
        after_first = _now()
        for _ in range(iterations - 1):
            play()
        left = _now() - after_first
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    named = named_bytes(played)
    return Memory(named, peak - start - named, left)


def named_bytes(played: Game) -> int:
    """theta, v, gradients, traces and the batch: each buffer once, whoever shares it."""
    arrays = [played.batch, played.da]
    for one in (played.player_g, played.player_d):
        arrays += [one.theta.vector, *one.state().values()]
    for value in vars(played).values():
        if isinstance(value, Parameters):
            arrays.append(value.vector)
        elif isinstance(value, Trace):
            arrays += [array for layer in value.layers for array in (layer.y, layer.dx)]
    return sum({id(owner): owner.nbytes for owner in map(_owner, arrays)}.values())


def _owner(array: Array) -> Array:
    """The array whose memory this is a view of."""
    return array if array.base is None else _owner(array.base)


def _now() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def by_images(
    counts: Sequence[int], iterations: Sequence[int], *, schedule: str, width: float, threads: int
) -> Table:
    """Resident memory and time after so many iterations, for so many images in a file.

    The file is mapped, not read, and its pages are in the system's cache from its writing. Its
    pages count as resident while they are mapped, but any other need of memory takes them back.
    """
    rows: list[TableRow] = []
    with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
        for count in counts:
            file = Path(folder) / "pixels"
            write_images(file, count)
            wanted = [str(file), schedule, str(width), str(threads), *map(str, iterations)]
            command = [sys.executable, "-m", "minigan.bench.memory_probe", *wanted]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            for found in json.loads(done.stdout):
                rows.append((count, *found))
    title = f"How a run grows with images and iterations ({schedule})"
    return Table("growth by images", title, RESIDENT, tuple(rows))


def write_images(file: Path, count: int, at_once: int = 10_000) -> None:
    """A file of `count` images of random bytes, 784 each; the same ones every `at_once`.

    Raises UserError where it does not fit.
    """
    block = random_images(min(count, at_once)).pixels
    try:
        with file.open("wb") as out:
            for start in range(0, count, at_once):
                out.write(block[: count - start].tobytes())
    except OSError as error:
        raise UserError(
            f"{count} images need {count * SIDE * SIDE / 1e6:.0f} MB in {file.parent}, and the "
            f"system refused them ({error.strerror}): set TMPDIR to a folder with more room"
        ) from None


def mapped_images(file: Path) -> Array:
    """The pixels (N, 784) of such a file, not read until they are asked for."""
    return np.asarray(np.memmap(file, np.uint8, "r").reshape(-1, SIDE * SIDE))
