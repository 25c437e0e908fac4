"""The topics of `minigan bench`, and their workloads.

layers      each layer, forward and backward
iteration   one iteration of both update orders, compared with the limit; D steps with a penalty;
            one iteration of the recipes for CIFAR-10, with --full those of the published sizes too,
            and two minibatch sizes of each
growth      time and memory as functions of minibatch, width, number of images and iterations
start       import, first update, checkpoints, gradient check
parzen      the Parzen score of samples, compared with its limit and with the broadcast form

default     a few sizes, in about two minutes
full        all sizes, with more repetitions, in about a quarter of an hour
quick       tiny networks: it only tests that everything works; its times mean nothing
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench.growth import growth_by_images, growth_by_size
from minigan.bench.image_iteration import PUBLISHED, SMALL, image_iteration_table
from minigan.bench.image_layers import image_layer_table
from minigan.bench.iteration import iteration_table
from minigan.bench.layers import layer_table
from minigan.bench.parzen import Sizes, parzen_table
from minigan.bench.penalised import penalty_table
from minigan.bench.setting import mnist_2014
from minigan.bench.start import start_table
from minigan.bench.tables import Table

TOPICS = ("layers", "iteration", "growth", "start", "parzen")


@dataclass(frozen=True)
class Workload:
    """The sizes that are measured, the number of rounds, and the seconds of one measurement.

    `seconds`: of each topic on one machine, from which the time that is left is estimated.
    """

    batches: tuple[int, ...]
    rounds: int
    at_least: float
    width: float
    widths: tuple[float, ...]
    images: tuple[int, ...]
    iterations: tuple[int, ...]
    gradcheck: bool
    parzen: Sizes
    recipes: tuple[str, ...] = SMALL
    batches_of_recipes: tuple[int, ...] = (0,)  # 0: the minibatch size of the recipe
    seconds: dict[str, float] = field(default_factory=dict)


DEFAULT = Workload(
    batches=(100, 1024),
    rounds=5,
    at_least=0.01,
    width=1.0,
    widths=(1.0, 0.5),
    images=(10_000,),
    iterations=(1, 100),
    gradcheck=True,
    parzen=Sizes(10_000, 100, 1_000, 784, few_images=20, few_samples=1_000),
    seconds={"layers": 18.0, "iteration": 60.0, "growth": 26.0, "start": 21.0, "parzen": 6.0},
)
FULL = Workload(
    batches=(32, 100, 256, 1024, 4096),
    rounds=15,
    at_least=0.02,
    width=1.0,
    widths=(1.0, 0.25, 0.5, 2.0),
    images=(100, 10_000, 1_000_000),
    iterations=(1, 10, 100, 1000),
    gradcheck=True,
    parzen=Sizes(10_000, 1_000, 10_000, 784, few_images=20, few_samples=1_000),
    recipes=(*SMALL, *PUBLISHED),
    batches_of_recipes=(32, 0),
)
QUICK = Workload(
    batches=(4, 8),
    rounds=2,
    at_least=0.0005,
    width=1 / 40,
    widths=(1 / 40, 1 / 20),
    images=(100, 1000),
    iterations=(1, 5),
    gradcheck=False,
    parzen=Sizes(60, 10, 20, 16, few_images=5, few_samples=10),
    batches_of_recipes=(4,),
)
WORKLOADS = {"default": DEFAULT, "full": FULL, "quick": QUICK}


def topic_tables(
    topic: str, workload: Workload, threads: int, batches: tuple[int, ...] = ()
) -> Iterator[Table]:
    """The tables of one topic, each as soon as it is measured.

    `batches` replaces the minibatch sizes of the workload. Raises WrongResult for a wrong result.
    """
    of_recipes = batches or workload.batches_of_recipes
    batches = batches or workload.batches
    rounds, at_least, width = workload.rounds, workload.at_least, workload.width
    if topic == "layers":
        m = min(100, max(batches))
        yield layer_table(mnist_2014("algorithm1", m, width), rounds=rounds, at_least=at_least)
        scale = 16 if width < 1 else 1
        yield image_layer_table(min(64, m), scale=scale, rounds=rounds, at_least=at_least)
    elif topic == "iteration":
        yield iteration_table(
            tuple(UPDATE_ORDERS), batches, rounds=rounds, at_least=at_least, width=width
        )
        yield image_iteration_table(
            workload.recipes,
            of_recipes,
            rounds=max(2, rounds // 3),
            at_least=at_least,
            width=width,
        )
        m = min(100, max(batches))
        yield penalty_table(mnist_2014("algorithm1", m, width), rounds=rounds, at_least=at_least)
    elif topic == "growth":
        yield growth_by_size(
            batches,
            workload.widths,
            schedule="algorithm1",
            rounds=max(2, rounds // 3),
            at_least=at_least,
        )
        yield growth_by_images(
            workload.images,
            workload.iterations,
            schedule="algorithm1",
            width=width,
            threads=threads,
        )
    elif topic == "parzen":
        yield parzen_table(workload.parzen, rounds=max(2, rounds // 3))
    else:
        yield start_table(rounds=rounds, width=width, gradcheck=workload.gradcheck)
