"""The workload of a verification: the paper's networks, or tiny ones.

Only `FULL` verifies a GPU. `QUICK` runs the same checks on networks of a few units. It tests that
everything works, also under a tool that makes each launch a hundred times slower. Its times mean
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.bench import topics
from minigan.layers import Windows


@dataclass(frozen=True)
class GPUWorkload:
    """The sizes of every check and measurement.

    blocks        (m, n, u) of the checks of blocks: rows, inputs, units
    images        (m, windows, C, units) of the checks of layers for images
    rows          m of the checks of objectives
    vectors       sizes of the vectors of the update's check
    draws         (N, n, m) of the checks of draws: examples, pixels, minibatch size
    paper         (width, side, m) of the paper's networks: factor of the hidden units, side of the
                  images in pixels, minibatch size
    small         (width, side, m) of the networks that run more iterations
    digits        hidden units, minibatch size and iterations of the run that changes the device
    repeated      iterations of the training that is run twice
    batches       minibatch sizes that are timed
    rounds        rounds of a timing
    at_least      seconds of one measurement
    launches      launches in one measurement
    """

    blocks: tuple[tuple[int, int, int], ...]
    images: tuple[tuple[int, Windows, int, int], ...]
    rows: tuple[int, ...]
    vectors: tuple[int, ...]
    draws: tuple[tuple[int, int, int], ...]
    paper: tuple[float, int, int]
    small: tuple[float, int, int]
    digits: tuple[int, int, int]
    repeated: int
    batches: tuple[int, ...]
    rounds: int
    at_least: float
    launches: int


FULL = GPUWorkload(
    blocks=(
        *((1, 5, 2), (7, 33, 31), (9, 5, 33), (33, 65, 257)),  # ragged
        *((100, 100, 1200), (100, 1200, 1200), (100, 1200, 784)),  # G's
        *((200, 784, 240), (200, 240, 240)),  # D's
    ),
    images=(
        *((3, Windows(6, 5, 3, 2, 1), 2, 4), (1, Windows(5, 9, 4, 3), 3, 5)),  # cut at the border
        *((50, Windows(32, 32, 5, 1, 4), 3, 64), (50, Windows(32, 32, 5, 3), 3, 80)),
    ),
    rows=(1, 100, 255, 256, 257, 4096),
    vectors=(1, 255, 256, 257, 2_503_984),
    draws=((23, 7, 4), (1000, 784, 100)),
    paper=(1.0, 28, 100),
    small=(1 / 40, 8, 20),
    digits=(64, 50, 10),
    repeated=100,
    batches=topics.FULL.batches,
    rounds=topics.FULL.rounds,
    at_least=0.1,
    launches=1000,
)
QUICK = GPUWorkload(
    blocks=((1, 5, 2), (9, 5, 33)),
    images=((3, Windows(6, 5, 3, 2, 1), 2, 4),),
    rows=(1, 257),
    vectors=(1, 257),
    draws=((23, 7, 4),),
    paper=(1 / 240, 4, 4),
    small=(1 / 240, 4, 4),
    digits=(6, 10, 4),
    repeated=3,
    batches=(4,),
    rounds=2,
    at_least=0.0,
    launches=5,
)
