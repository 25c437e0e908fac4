"""Growth of time and memory with minibatch size, width, number of images and iterations.

    named     bytes of theta, v, gradients and traces of the game
    beyond    the peak of an iteration minus `named` and the data: draws, masks, temporaries
    left      memory after all iterations minus memory after the first; 0 if there is no leak

`tracemalloc` counts these numbers; NumPy reports every array to it. The memory of a whole process
is measured by the operating system, in a separate process (`memory_probe`). The tables are in MB
(1e6 bytes).
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
from minigan.bench.iteration import CHECK, iteration_runner, verify_iteration
from minigan.bench.setting import SIDE, mnist_2014, new_game, random_images
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import measure, timer
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.trace import Trace
from minigan.training.recipes import Recipe

IMAGES = 10_000
DEFAULT_M = 100
MB = 1e6
SIZE_COLUMNS = (
    Column("m", key=True, narrow=True),
    Column("width", key=True, narrow=True),
    Column("parameters"),
    *TIMES,
    Column("named", "MB", narrow=True),
    Column("beyond", "MB", ratio=True, narrow=True),
    Column("left", "MB", narrow=True),
    Column("check"),
    Column("max difference"),
)
PROCESS_COLUMNS = (
    Column("images", key=True, narrow=True),
    Column("iterations", key=True, narrow=True),
    Column("mean", "ms", ratio=True, narrow=True),
    Column("own memory", "MB", ratio=True, narrow=True),
    Column("pages of the file", "MB", narrow=True),
    Column("peak of both", "MB"),
    Column("check"),
    Column("max difference"),
)


@dataclass(frozen=True)
class Memory:
    """The memory of one game in bytes; the module docstring defines the fields."""

    named: int
    beyond: int
    left: int


def growth_by_size(
    batches: Sequence[int], widths: Sequence[float], *, schedule: str, rounds: int, at_least: float
) -> Table:
    """Time and memory of an iteration: each minibatch size at the first width, then each width.

    A width multiplies the numbers of hidden units. Raises WrongResult for a wrong iteration.
    """
    default = min(DEFAULT_M, max(batches))
    cases = {(m, widths[0]): None for m in batches} | {(default, width): None for width in widths}
    images = random_images(max(IMAGES, *batches))
    rows: list[TableRow] = []
    for m, width in cases:
        recipe = mnist_2014(schedule, m, width)
        difference = verify_iteration(recipe, images)
        game = new_game(recipe, images)
        timed = measure(
            {"iteration": timer(iteration_runner(recipe, game))}, rounds=rounds, at_least=at_least
        )["iteration"]
        memory = game_memory(recipe, images)
        parameters = sum(len(p.theta.vector) for p in (game.player_g, game.player_d))
        in_MB = (memory.named / MB, memory.beyond / MB, memory.left / MB)
        rows.append((m, width, parameters, *timed.milliseconds(), *in_MB, CHECK, difference))
    title = f"How one iteration grows ({schedule})"
    return Table("growth by size", title, SIZE_COLUMNS, tuple(rows))


def game_memory(recipe: Recipe, images: Images, iterations: int = 5) -> Memory:
    """The memory of a game, from its creation to the end of some iterations."""
    tracemalloc.start()
    try:
        start, _ = tracemalloc.get_traced_memory()
        game = new_game(recipe, images)
        next_iteration = iteration_runner(recipe, game)
        next_iteration()
        after_first = _traced_bytes()
        for _ in range(iterations - 1):
            next_iteration()
        left = _traced_bytes() - after_first
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    named = named_bytes(game)
    return Memory(named, peak - start - named, left)


def named_bytes(game: Game) -> int:
    """Bytes of theta, v, gradients, traces and batch; a shared buffer is counted once."""
    arrays = [game.batch, game.da]
    for player in (game.player_g, game.player_d):
        arrays += [player.theta.vector, *player.state().values()]
    for value in vars(game).values():
        if isinstance(value, Parameters):
            arrays.append(value.vector)
        elif isinstance(value, Trace):
            arrays += [array for layer in value.layers for array in (layer.y, layer.dx)]
    return sum({id(owner): owner.nbytes for owner in map(_owner, arrays)}.values())


def _owner(array: Array) -> Array:
    """The array that owns the memory of this array."""
    return array if array.base is None else _owner(array.base)


def _traced_bytes() -> int:
    """Bytes that are allocated at present, after a garbage collection."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def growth_by_images(
    counts: Sequence[int], iterations: Sequence[int], *, schedule: str, width: float, threads: int
) -> Table:
    """Resident memory and time of a process, for each number of images and of iterations.

    The images are in a memory-mapped file, whose pages are in the system's cache because it has
    just been written. Mapped pages count as resident memory, but the system frees them when it
    needs memory.
    """
    rows: list[TableRow] = []
    with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
        for count in counts:
            file = Path(folder) / "pixels"
            write_images(file, count)
            arguments = [str(file), schedule, str(width), str(threads), *map(str, iterations)]
            command = [sys.executable, "-m", "minigan.bench.memory_probe", *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows += [(count, *row) for row in json.loads(done.stdout)]
    title = f"How a run grows with images and iterations ({schedule})"
    return Table("growth by images", title, PROCESS_COLUMNS, tuple(rows))


def write_images(file: Path, count: int, at_once: int = 10_000) -> None:
    """Write `count` images of 784 random bytes; they repeat after `at_once` images.

    Raises UserError if the file cannot be written, for example because the disk is full.
    """
    block = random_images(min(count, at_once)).pixels
    try:
        with file.open("wb") as out:
            for start in range(0, count, at_once):
                out.write(block[: count - start].tobytes())
    except OSError as error:
        raise UserError(
            f"{count} images need {count * SIDE * SIDE / 1e6:.0f} MB in {file.parent}, but writing "
            f"them failed ({error.strerror}): set TMPDIR to a folder with more free space"
        ) from None


def mapped_images(file: Path) -> Array:
    """The pixels (N, 784) in a file of `write_images`, memory-mapped: read on access."""
    return np.asarray(np.memmap(file, np.uint8, "r").reshape(-1, SIDE * SIDE))
