"""How much is played on a GPU to verify it: the paper's networks, or tiny ones.

`FULL` is what a verification counts by. `QUICK` asks the same questions of networks of a few units:
it shows that everything works, also under a tool that makes each launch a hundred times slower, and
its times mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GPUWorkload:
    """The sizes of every check and measurement.

    blocks        (m, n, u) of the blocks' checks: rows, inputs, units
    rows          m of the objectives' checks
    vectors       sizes of the flat vectors of descent's
    pictures      (N, n, m) of the draws': examples, pixels, minibatch
    played        of the paper's networks that are played: times its hidden units, the side of the
                  images, the minibatch
    small         the same of those that are played for longer
    digits        hidden units, minibatch and iterations of the run that changes the device
    repeated      iterations that are played twice
    batches       minibatch sizes that are timed, in so many `rounds` of `at_least` seconds
    launches      launches that are timed in a row
    """

    blocks: tuple[tuple[int, int, int], ...]
    rows: tuple[int, ...]
    vectors: tuple[int, ...]
    pictures: tuple[tuple[int, int, int], ...]
    played: tuple[float, int, int]
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
    rows=(1, 100, 255, 256, 257, 4096),
    vectors=(1, 255, 256, 257, 2_503_984),
    pictures=((23, 7, 4), (1000, 784, 100)),
    played=(1.0, 28, 100),
    small=(1 / 40, 8, 20),
    digits=(64, 50, 10),
    repeated=100,
    batches=(32, 100, 128, 512, 1024, 4096),
    rounds=15,
    at_least=0.1,
    launches=1000,
)
QUICK = GPUWorkload(
    blocks=((1, 5, 2), (9, 5, 33)),
    rows=(1, 257),
    vectors=(1, 257),
    pictures=((23, 7, 4),),
    played=(1 / 240, 4, 4),
    small=(1 / 240, 4, 4),
    digits=(6, 10, 4),
    repeated=3,
    batches=(4,),
    rounds=2,
    at_least=0.0,
    launches=5,
)
